// What stands on the platform's own accounts.
import { useQuery } from "urql";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/state";
import { BalanceTable } from "./balance-table";
import { OperatePlatformBalances } from "./operate-ledger.generated";

export function PlatformBalances() {
  const [{ data, error }, reread] = useQuery({ query: OperatePlatformBalances });
  if (data !== undefined) return <BalanceTable balances={data.platformBalances} />;
  return error === undefined ? <Skeleton /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
}
