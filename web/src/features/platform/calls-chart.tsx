// Calls of the whole market by day, those that were free against those with something charged.
import { useIntl } from "react-intl";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SeriesChart } from "@/ui/chart";
import { formatPeriod } from "@/ui/time";
import type { OperateMarketQuery } from "./operate-market.generated";

type Day = OperateMarketQuery["marketOverview"]["days"][number];

interface Props {
  days: readonly Day[];
  period: { start: string; end: string };
}

export function CallsChart({ days, period }: Props) {
  const say = useSay();
  const intl = useIntl();
  // Days begin at midnight where the operator is, as the platform sums them.
  const timeZone = useZone();
  return (
    <SeriesChart<Day>
      kind="bar"
      caption={say("operate.home.days")}
      data={[...days]}
      x={{ label: say("operate.home.day"), value: ({ start, key }) => intl.formatDate(start ?? key, { month: "short", day: "numeric", timeZone }) }}
      series={[
        { key: "free", label: say("operate.home.freeCalls"), tone: "free", value: ({ totals }) => totals.freeCalls },
        { key: "valueAdded", label: say("operate.home.valueAddedCalls"), tone: "valueAdded", value: ({ totals }) => totals.valueAddedCalls },
      ]}
      period={formatPeriod(period.start, period.end, intl.locale, timeZone)}
      zone={timeZone}
      formatValue={groupDigits}
    />
  );
}
