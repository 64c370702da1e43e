// What was used under an agreement by day, one chart per meter.
import { useIntl } from "react-intl";
import type { MeterName } from "@/lib/meters";
import { useSay } from "@/lib/say";
import { SeriesChart } from "@/ui/chart";
import { useMeterNoun } from "@/ui/numbers";
import { formatPeriod } from "@/ui/time";
import type { HeldAgreementQuery } from "./agreements.generated";
import styles from "./agreements.module.css";

type Usage = HeldAgreementQuery["agreement"]["usage"];
type Day = Usage["groups"][number];

export function AgreementUsage({ usage, zone }: { usage: Usage; zone: string }) {
  const say = useSay();
  const unit = useMeterNoun();
  const { locale } = useIntl();
  const meters = [...new Set(usage.groups.flatMap(({ totals }) => totals.meters.map(({ meter }) => meter)))];
  if (meters.length === 0) return <p>{say("usage.agreements.unused")}</p>;
  const format = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: zone });
  const period = formatPeriod(usage.period.start, usage.period.end, locale, zone);
  return (
    <div className={styles.charts}>
      {meters.map((meter) => (
        <SeriesChart
          key={meter}
          kind="bar"
          caption={say("usage.explore.byDay", { unit: unit(meter) })}
          data={usage.groups}
          x={{ label: say("usage.day"), value: ({ start, key }: Day) => (start === null ? key : format.format(new Date(start))) }}
          series={[
            { key: "free", label: say("ui.class.FREE"), tone: "free", value: (day) => of(day, meter).free },
            { key: "valueAdded", label: say("ui.class.VALUE_ADDED"), tone: "valueAdded", value: (day) => of(day, meter).valueAdded },
          ]}
          period={period}
          zone={zone}
        />
      ))}
    </div>
  );
}

function of(day: Day, meter: MeterName): { free: string; valueAdded: string } {
  return day.totals.meters.find((each) => each.meter === meter) ?? { free: "0", valueAdded: "0" };
}
