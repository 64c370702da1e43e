// How the platform stands: read once, then followed as it changes.
import { useState } from "react";
import { useQuery } from "urql";
import { useLive } from "@/lib/live";
import { OperatePlatform, OperatePlatformStatus, type OperateStatusFragment } from "./operate-platform.generated";

export type Status = OperateStatusFragment;

/** Some samples of the lag behind the log, the newest last, for a spark line. */
const SAMPLES_MAX = 60;

export function usePlatform() {
  const [{ data, error }, reread] = useQuery({ query: OperatePlatform });
  const [heard, setHeard] = useState<Status | null>(null);
  const [lags, setLags] = useState<string[]>([]);
  const live = useLive({
    document: OperatePlatformStatus,
    variables: () => ({}),
    onMessage: ({ platformStatus }) => {
      setHeard(platformStatus);
      setLags((before) => [...before, platformStatus.viewsLag].slice(-SAMPLES_MAX));
      return null;
    },
  });
  const retry = () => reread({ requestPolicy: "network-only" });
  return { status: heard ?? data?.platform ?? null, error: heard === null ? error : undefined, lags, live, retry };
}
