// What was used under an agreement by day, one chart per meter.
import { useIntl } from "react-intl";
import { dateFormat } from "@/lib/formats";
import type { MeterName } from "@/lib/meters";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SeriesChart } from "@/ui/chart";
import { useMeterNoun } from "@/ui/numbers";
import { useCountedPeriod } from "../usage/counted-days";
import { everyDay, type Day } from "../usage/days";
import type { HeldAgreementQuery } from "./agreements.generated";
import styles from "./agreements.module.css";

type Usage = HeldAgreementQuery["agreement"]["usage"];
type UsedDay = Day<Usage["groups"][number]["totals"]>;

export function AgreementUsage({ usage }: { usage: Usage }) {
  const say = useSay();
  // The platform sums by the organization's days, whatever those of the agreement are.
  const zone = useZone();
  const unit = useMeterNoun();
  const counted = useCountedPeriod();
  const { locale } = useIntl();
  const meters = [...new Set(usage.groups.flatMap(({ totals }) => totals.meters.map(({ meter }) => meter)))];
  if (meters.length === 0) return <p>{say("usage.agreements.unused")}</p>;
  const format = dateFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  const days = everyDay(usage.groups, usage.period, zone);
  const period = counted(usage.period, zone);
  return (
    <div className={styles.charts}>
      {meters.map((meter) => (
        <SeriesChart
          key={meter}
          kind="bar"
          caption={say("usage.explore.byDay", { unit: unit(meter) })}
          data={days}
          x={{ label: say("usage.day"), value: ({ day }: UsedDay) => format.format(new Date(day)) }}
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

function of({ totals }: UsedDay, meter: MeterName): { free: string; valueAdded: string } {
  return totals?.meters.find((each) => each.meter === meter) ?? { free: "0", valueAdded: "0" };
}
