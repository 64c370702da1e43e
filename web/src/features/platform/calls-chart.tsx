// Calls of the whole market by day, those that were free against those with something charged.
import { useIntl } from "react-intl";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SeriesChart } from "@/ui/chart";
import { useCountedPeriod } from "../usage/counted-days";
import { everyDay, type Day } from "../usage/days";
import type { OperateMarketQuery } from "./operate-market.generated";

type MarketDay = OperateMarketQuery["marketOverview"]["days"][number];
type Shown = Day<MarketDay["totals"]>;

interface Props {
  days: readonly MarketDay[];
  period: { start: string; end: string };
}

export function CallsChart({ days, period }: Props) {
  const say = useSay();
  const intl = useIntl();
  const counted = useCountedPeriod();
  // Days begin at midnight where the operator is, as the platform sums them.
  const timeZone = useZone();
  return (
    <SeriesChart<Shown>
      kind="bar"
      caption={say("operate.home.days")}
      data={everyDay(days, period, timeZone)}
      x={{ label: say("operate.home.day"), value: ({ day }) => intl.formatDate(day, { month: "short", day: "numeric", timeZone: "UTC" }) }}
      series={[
        { key: "free", label: say("operate.home.freeCalls"), tone: "free", value: ({ totals }) => totals?.freeCalls ?? "0" },
        { key: "valueAdded", label: say("operate.home.valueAddedCalls"), tone: "valueAdded", value: ({ totals }) => totals?.valueAddedCalls ?? "0" },
      ]}
      period={counted(period, timeZone)}
      zone={timeZone}
      formatValue={groupDigits}
    />
  );
}
