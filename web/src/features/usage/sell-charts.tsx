// Sales day by day: calls by class, and what the value-added ones are charged.
import { useIntl } from "react-intl";
import { formatMoney, trimZeros } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { SeriesChart } from "@/ui/chart";
import { CsvButton } from "@/ui/csv-button";
import { Section } from "@/ui/page";
import styles from "../desk/desk.module.css";
import { useCountedPeriod } from "./counted-days";
import { chargeOf, everyDay, type Day } from "./days";
import type { SellAnalyticsQuery } from "./sell-analytics.generated";

interface Props {
  analytics: SellAnalyticsQuery["sellerAnalytics"];
  /** The organization's time zone, in which its days begin. */
  timeZone: string;
}

export function SellCharts({ analytics: { days, period, revenue }, timeZone }: Props) {
  const say = useSay();
  const intl = useIntl();
  const counted = useCountedPeriod();
  const data = everyDay(days, period, timeZone);
  const shared = {
    data,
    x: { label: say("sell.analytics.day"), value: ({ day }: Day) => intl.formatDate(day, { month: "short", day: "numeric", timeZone: "UTC" }) },
    period: counted(period, timeZone),
    zone: timeZone,
  };
  const csv = (
    <CsvButton<Day>
      filename="sales-by-day.csv"
      rows={data}
      columns={[
        { header: say("sell.analytics.day"), value: ({ day }) => day },
        { header: say("sell.home.calls"), value: ({ totals }) => totals?.calls ?? "0" },
        { header: say("ui.class.FREE"), value: ({ totals }) => totals?.freeCalls ?? "0" },
        { header: say("ui.class.VALUE_ADDED"), value: ({ totals }) => totals?.valueAddedCalls ?? "0" },
        ...revenue.map(({ currencyCode }) => ({ header: `${say("sell.analytics.revenue")}, ${currencyCode}`, value: (day: Day) => chargeOf(day, currencyCode) })),
      ]}
    />
  );
  return (
    <Section title={say("sell.analytics.days")} actions={csv}>
      <div className={styles.stack}>
        <SeriesChart
          {...shared}
          kind="bar"
          caption={say("sell.analytics.callsByDay")}
          series={[
            { key: "free", label: say("ui.class.FREE"), tone: "free", value: ({ totals }) => totals?.freeCalls ?? "0" },
            { key: "valueAdded", label: say("ui.class.VALUE_ADDED"), tone: "valueAdded", value: ({ totals }) => totals?.valueAddedCalls ?? "0" },
          ]}
        />
        {revenue.map(({ currencyCode }) => (
          <SeriesChart
            {...shared}
            key={currencyCode}
            kind="bar"
            caption={say("sell.analytics.revenueByDay", { currency: currencyCode })}
            series={[{ key: "charge", label: say("sell.analytics.revenue"), tone: "valueAdded", value: (day) => chargeOf(day, currencyCode) }]}
            formatValue={(value) => formatMoney(trimZeros(value), currencyCode, intl.locale)}
          />
        ))}
      </div>
    </Section>
  );
}
