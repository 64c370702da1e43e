// The platform's keys, as its operator gives them out.
import { useQuery } from "urql";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/state";
import { CheckpointKeys } from "./receipts.generated";
import { TrustedKeys } from "./trusted-keys";

export function PlatformKeys() {
  const [{ data, error }, reread] = useQuery({ query: CheckpointKeys });
  if (data !== undefined) return <TrustedKeys keys={data.checkpointKeys} />;
  return error === undefined ? <Skeleton lines={2} /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
}
