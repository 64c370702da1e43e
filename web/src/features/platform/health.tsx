// The platform's health: read once, then followed live.
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { LiveDot, Skeleton } from "@/ui/state";
import { LogHealth, UpstreamsHealth, ViewsHealth } from "./health-sections";
import { UpkeepSections } from "./upkeep";
import { usePlatform } from "./use-platform";

export function HealthSections() {
  const say = useSay();
  const { status, error, lags, live, retry } = usePlatform();
  return (
    <>
      <PageHeader title={say("operate.health.title")} lead={say("operate.health.lead")} actions={<LiveDot state={live} />} />
      {status === null && error === undefined && <Skeleton lines={8} />}
      {status === null && error !== undefined && <Failure error={error} onRetry={retry} />}
      {status !== null && (
        <>
          <LogHealth status={status} />
          <ViewsHealth status={status} lags={lags} />
          <UpstreamsHealth status={status} />
          <UpkeepSections />
        </>
      )}
    </>
  );
}
