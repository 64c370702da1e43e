// Days of a chart without gaps: days without use are left out by the API, and drawn as nothing here.
import { countedPeriod } from "@/lib/counted-days";
import type { SellTotalsFragment } from "./sell-analytics.generated";

export interface Day<Totals = SellTotalsFragment> {
  /** `YYYY-MM-DD` in the organization's time zone. */
  day: string;
  totals: Totals | null;
}

interface Group<Totals> {
  start: string | null;
  totals: Totals;
}

const DAY_MS = 86_400_000;
/** Periods longer than this show only the days with use. */
const DAYS_MAX = 400;

/** The calendar day of an instant in a time zone. */
export function dayIn(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(instant));
}

/** Every day of a half-open period in a time zone, with what was used on it. */
export function everyDay<Totals>(groups: readonly Group<Totals>[], period: { start: string; end: string }, timeZone: string): Day<Totals>[] {
  const used = new Map(groups.flatMap(({ start, totals }) => (start === null ? [] : [[dayIn(start, timeZone), totals] as const])));
  const { start, end } = countedPeriod(period);
  const first = Date.parse(dayIn(start, timeZone));
  const last = Date.parse(dayIn(new Date(Date.parse(end) - 1).toISOString(), timeZone));
  const count = Math.round((last - first) / DAY_MS) + 1;
  if (!(count > 0 && count <= DAYS_MAX)) return [...used].map(([day, totals]) => ({ day, totals }));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(first + index * DAY_MS).toISOString().slice(0, 10);
    return { day, totals: used.get(day) ?? null };
  });
}

/** What a day's value-added units are charged in a currency, an exact decimal string. */
export function chargeOf({ totals }: Day, currencyCode: string): string {
  return totals?.estimatedCharges.find((each) => each.currencyCode === currencyCode)?.exact ?? "0";
}
