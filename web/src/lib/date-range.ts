// Ranges of days in a time zone.
import { dateFormat } from "./formats";

/** First and last day, `YYYY-MM-DD`, both included; empty where the range is open. */
export interface DateRange {
  from: string;
  until: string;
}

export const RANGE_PRESETS = ["today", "week", "month", "quarter", "thisMonth", "all"] as const;
export type RangePreset = (typeof RANGE_PRESETS)[number];

const DAY = 86_400_000;
const LENGTHS = { today: 1, week: 7, month: 30, quarter: 90 } as const;

/** Gives the range of a preset; those that count days end on the zone's today and include it. */
export function presetRange(preset: RangePreset, now: Date, zone: string): DateRange {
  const until = local(now.getTime(), zone).slice(0, 10);
  if (preset === "all") return { from: "", until: "" };
  if (preset === "thisMonth") return { from: `${until.slice(0, 8)}01`, until };
  return { from: dayAfter(until, 1 - LENGTHS[preset]), until };
}

/** Gives the half-open range of instants, null where it is open: what the API's `from` and `until` take. */
export function rangeInstants({ from, until }: DateRange, zone: string): { from: string | null; until: string | null } {
  return { from: startOf(from, zone), until: isDay(until) ? startOf(dayAfter(until, 1), zone) : null };
}

/** Tells whether the first day is after the last. */
export function isReversed({ from, until }: DateRange): boolean {
  return from !== "" && until !== "" && from > until;
}

function isDay(day: string): boolean {
  return !Number.isNaN(Date.parse(day));
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
}

/** The first instant of a day: midnight, or the end of the gap where clocks leave midnight out. */
function startOf(day: string, zone: string): string | null {
  if (!isDay(day)) return null;
  const midnight = Date.parse(day);
  // The clock may change within the day, so it is read on both sides. Where it goes back over midnight, the earlier
  // candidate is still the day before.
  const candidates = [midnight - DAY, midnight + DAY].map((at) => midnight - offset(at, zone)).sort((a, b) => a - b);
  const start = candidates.find((at) => local(at, zone).startsWith(day)) ?? midnight;
  return new Date(start).toISOString().replace(".000Z", "Z");
}

/** How far a zone's clock is ahead of UTC at an instant, in milliseconds. */
function offset(at: number, zone: string): number {
  return Date.parse(`${local(at, zone).replace(" ", "T")}Z`) - at;
}

/** An instant as a zone's clock shows it: `YYYY-MM-DD HH:mm:ss`, which is how Swedish writes it. */
function local(at: number, zone: string): string {
  const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return dateFormat("sv-SE", { ...digits, timeZone: zone }).format(at);
}
