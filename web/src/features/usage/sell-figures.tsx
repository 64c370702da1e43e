// Sales of a period in figures.
import { useSay } from "@/lib/say";
import { groupDigits } from "@/lib/numbers";
import { DataTable } from "@/ui/data-table";
import { Duration, ExactCharge, Percent, Quantity, useMeterNoun } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Stat, StatRow } from "@/ui/stat";
import styles from "../desk/desk.module.css";
import { shortened } from "./ratio";
import type { SellAnalyticsQuery } from "./sell-analytics.generated";

type Analytics = SellAnalyticsQuery["sellerAnalytics"];

export function SellFigures({ analytics }: { analytics: Analytics }) {
  const say = useSay();
  const { calls, freeCalls, valueAddedCalls, agreements, valueAddedAgreements, conversion, revenue, failures, latencyP50Milliseconds } = analytics;
  return (
    <StatRow>
      <Stat
        label={say("sell.home.calls")}
        value={<Quantity value={calls} />}
        note={say("sell.analytics.split", { free: groupDigits(freeCalls), valueAdded: groupDigits(valueAddedCalls) })}
      />
      <Stat
        label={say("sell.analytics.conversion")}
        value={conversion === null ? "–" : <Percent ratio={shortened(conversion)} />}
        note={say("sell.analytics.conversion.note", { charged: groupDigits(valueAddedAgreements), all: groupDigits(agreements) })}
      />
      <Stat
        label={say("sell.analytics.revenue")}
        value={
          <span className={styles.amounts}>
            {revenue.length === 0 ? "–" : revenue.map((each) => <ExactCharge key={each.currencyCode} {...each} />)}
          </span>
        }
        note={say("sell.analytics.revenue.note")}
      />
      <Stat label={say("sell.analytics.failures")} value={<Quantity value={failures} />} note={say("sell.analytics.failures.note")} />
      <Stat label={say("sell.analytics.latency")} value={<Latency milliseconds={latencyP50Milliseconds} />} note={<Percentiles analytics={analytics} />} />
    </StatRow>
  );
}

function Latency({ milliseconds }: { milliseconds: number | null }) {
  return milliseconds === null ? "–" : <Duration milliseconds={milliseconds} />;
}

function Percentiles({ analytics: { latencyP95Milliseconds, latencyP99Milliseconds } }: { analytics: Analytics }) {
  const say = useSay();
  return (
    <>
      {say("sell.analytics.p95")} <Latency milliseconds={latencyP95Milliseconds} /> · {say("sell.analytics.p99")} <Latency milliseconds={latencyP99Milliseconds} />
    </>
  );
}

/** What was used by meter, free against value-added. */
export function MeterTable({ meters }: Pick<Analytics, "meters">) {
  const say = useSay();
  const noun = useMeterNoun();
  return (
    <Section title={say("sell.analytics.meters")}>
      <DataTable
        caption={say("sell.analytics.meters")}
        rows={meters}
        rowKey={({ meter }) => meter}
        empty={say("sell.analytics.none")}
        columns={[
          { key: "meter", header: say("sell.analytics.meter"), isRowHeader: true, cell: ({ meter }) => noun(meter) },
          { key: "free", header: say("ui.class.FREE"), align: "end", cell: ({ free }) => <Quantity value={free} /> },
          { key: "valueAdded", header: say("ui.class.VALUE_ADDED"), align: "end", cell: ({ valueAdded }) => <Quantity value={valueAdded} /> },
        ]}
      />
    </Section>
  );
}
