// How the platform stands, read again every few seconds.
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { OperatePlatform, type OperateStatusFragment } from "./operate-platform.generated";

export type Status = OperateStatusFragment;

/** Some samples of the lag behind the log, the newest last, for a spark line. */
const SAMPLES_MAX = 60;
const AGAIN_AFTER_MS = 5_000;

export function usePlatform() {
  const [{ data, error, stale }, reread] = useQuery({ query: OperatePlatform });
  const [lags, setLags] = useState<string[]>([]);
  const retry = () => reread({ requestPolicy: "network-only" });
  useEffect(() => {
    const timer = setInterval(() => reread({ requestPolicy: "network-only" }), AGAIN_AFTER_MS);
    return () => clearInterval(timer);
  }, [reread]);
  const status = data?.platform;
  useEffect(() => {
    if (status !== undefined && !stale) setLags((before) => [...before, status.viewsLag].slice(-SAMPLES_MAX));
  }, [status, stale]);
  const live = error !== undefined ? "lost" : data === undefined ? "connecting" : "live";
  return { status: status ?? null, error, lags, live, retry } as const;
}
