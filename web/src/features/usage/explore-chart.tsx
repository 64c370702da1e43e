// Usage over time, FREE against VALUE_ADDED, of calls or of one meter.
import { useIntl } from "react-intl";
import { dateFormat } from "@/lib/formats";
import { useSay } from "@/lib/say";
import { SeriesChart } from "@/ui/chart";
import { useMeterNoun } from "@/ui/numbers";
import { formatPeriod } from "@/ui/time";
import { useCountedPeriod } from "./counted-days";
import { days, hours, splitOf, type Measure, type Point } from "./series";
import type { UsageByQuery } from "./usage.generated";

interface Props {
  usage: UsageByQuery["usage"];
  by: "DAY" | "HOUR";
  measure: Measure;
  /** The time zone in which the days begin, and whose clock the hours show. */
  zone: string;
}

/** A day is one whatever the zone: it stands as a date. */
const DAY = { month: "short", day: "numeric", timeZone: "UTC" } as const;
const HOUR = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function ExploreChart({ usage, by, measure, zone }: Props) {
  const say = useSay();
  const { locale } = useIntl();
  const unit = useMeterNoun();
  const counted = useCountedPeriod();
  const isDaily = by === "DAY";
  const format = dateFormat(locale, isDaily ? DAY : { ...HOUR, timeZone: zone });
  const of = measure === "CALLS" ? say("usage.calls") : unit(measure);
  return (
    <SeriesChart
      kind="bar"
      caption={say(isDaily ? "usage.explore.byDay" : "usage.explore.byHour", { unit: of })}
      data={isDaily ? days(usage.period, zone, usage.groups) : hours(usage.period, usage.groups)}
      x={{ label: say(isDaily ? "usage.day" : "usage.hour"), value: ({ key }: Point) => format.format(new Date(key)) }}
      series={[
        { key: "free", label: say("ui.class.FREE"), tone: "free", value: ({ totals }) => splitOf(totals, measure).free },
        { key: "valueAdded", label: say("ui.class.VALUE_ADDED"), tone: "valueAdded", value: ({ totals }) => splitOf(totals, measure).valueAdded },
      ]}
      period={isDaily ? counted(usage.period, zone) : formatPeriod(usage.period.start, usage.period.end, locale, zone)}
      zone={zone}
    />
  );
}
