// How sales go: calls, free against value-added, conversion, revenue, who and what.
import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "urql";
import { SellAnalytics } from "@/features/usage/sell-analytics.generated";
import { SellCharts } from "@/features/usage/sell-charts";
import { MeterTable, SellFigures } from "@/features/usage/sell-figures";
import { HealthTable } from "@/features/usage/sell-health";
import { TopAgreements, TopListings } from "@/features/usage/sell-tops";
import { countedAt, countedFrom, countedInstants } from "@/lib/counted-days";
import { presetRange } from "@/lib/date-range";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { useMay, useViewer, useZone } from "@/lib/viewer";
import { DateRangeField } from "@/ui/date-range-field";
import { Failure } from "@/ui/failure";
import { PageHeader, Toolbar } from "@/ui/page";
import { Skeleton } from "@/ui/state";
import styles from "@/features/desk/desk.module.css";
import { Forbidden } from "./statements";

const route = getRouteApi("/sell/analytics");
const PRESETS = ["today", "week", "month", "quarter", "thisMonth"] as const;

export function AnalyticsPage() {
  const say = useSay();
  const language = useApiLanguage();
  const viewer = useViewer();
  const mayRead = useMay("USAGE_READ");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const usual = presetRange("month", countedAt(new Date()), zone);
  const range = { from: search.from ?? usual.from, until: search.until ?? usual.until };
  const [{ data, error }, ask] = useQuery({ query: SellAnalytics, variables: { ...countedInstants(range, zone), language }, pause: !mayRead });
  useHead(say("sell.analytics.title"));
  if (viewer !== null && !mayRead) return <Forbidden />;
  const analytics = data?.sellerAnalytics;
  return (
    <>
      <PageHeader title={say("sell.analytics.title")} lead={say("sell.analytics.lead")} />
      <Toolbar label={say("sell.analytics.period")}>
        <DateRangeField
          label={say("sell.analytics.period")}
          zone={zone}
          countedFrom={countedFrom(new Date().toISOString(), zone)}
          value={range}
          onChange={({ from, until }) => void navigate({ search: given({ from: from || undefined, until: until || undefined }), replace: true })}
          presets={PRESETS}
        />
      </Toolbar>
      {error !== undefined && <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />}
      {analytics === undefined && error === undefined && <Skeleton lines={12} />}
      {analytics !== undefined && (
        <div className={styles.sections}>
          <SellFigures analytics={analytics} />
          <SellCharts analytics={analytics} timeZone={zone} />
          <TopAgreements rows={analytics.topAgreements} />
          <TopListings rows={analytics.topListings} />
          <HealthTable />
          <MeterTable meters={analytics.meters} />
        </div>
      )}
    </>
  );
}
