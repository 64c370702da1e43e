// A period of counted days in words.
import { useIntl } from "react-intl";
import { countedFrom, countedPeriod } from "@/lib/counted-days";
import { useSay } from "@/lib/say";
import { formatPeriod } from "@/ui/time";

/** Gives what writes a half-open period as its first and last day in a zone, and from when they are counted where that is not midnight. */
export function useCountedPeriod(): (period: { start: string; end: string }, zone: string) => string {
  const say = useSay();
  const { locale } = useIntl();
  return (period, zone) => {
    const { start, end } = countedPeriod(period);
    const days = formatPeriod(start, end, locale, zone);
    const from = countedFrom(period.end, zone);
    return from === null ? days : say("ui.period.counted", { period: days, from });
  };
}
