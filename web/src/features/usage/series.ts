// Usage over time as charts show it: every day or hour of a period, also those in which nothing was called.
import { countedPeriod } from "@/lib/counted-days";
import type { MeterName } from "@/lib/meters";

export interface MeterSplit {
  meter: MeterName;
  free: string;
  valueAdded: string;
}

export interface Totals {
  calls: string;
  freeCalls: string;
  valueAddedCalls: string;
  meters: readonly MeterSplit[];
}

interface Group {
  start: string | null;
  totals: Totals;
}

/** One day or hour. */
export interface Point {
  /** `YYYY-MM-DD` in the series' zone, or the first instant of the hour. */
  key: string;
  totals: Totals;
}

const NOTHING: Totals = { calls: "0", freeCalls: "0", valueAddedCalls: "0", meters: [] };
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The days of a half-open period in a time zone, each with what was used on it. */
export function days(period: { start: string; end: string }, zone: string, groups: readonly Group[]): Point[] {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const dayOf = (milliseconds: number) => format.format(milliseconds);
  const used = new Map(groups.map(({ start, totals }) => [start === null ? "" : dayOf(Date.parse(start)), totals]));
  const { start: first, end } = countedPeriod(period);
  const last = dayOf(Date.parse(end) - 1);
  const points: Point[] = [];
  for (let key = dayOf(Date.parse(first)); key <= last; key = dayAfter(key)) {
    points.push({ key, totals: used.get(key) ?? NOTHING });
  }
  return points;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
}

/** The hours (UTC) that a half-open period touches, each with what was used in it. */
export function hours(period: { start: string; end: string }, groups: readonly Group[]): Point[] {
  const used = new Map(groups.map(({ start, totals }) => [start === null ? Number.NaN : Date.parse(start), totals]));
  const points: Point[] = [];
  const first = Math.floor(Date.parse(period.start) / HOUR_MS) * HOUR_MS;
  for (let at = first; at < Date.parse(period.end); at += HOUR_MS) {
    points.push({ key: new Date(at).toISOString(), totals: used.get(at) ?? NOTHING });
  }
  return points;
}

/** What is looked at: calls, or the units of one meter. */
export type Measure = "CALLS" | MeterName;

/** FREE against VALUE_ADDED of one measure. */
export function splitOf(totals: Totals, measure: Measure): { free: string; valueAdded: string } {
  if (measure === "CALLS") return { free: totals.freeCalls, valueAdded: totals.valueAddedCalls };
  return totals.meters.find(({ meter }) => meter === measure) ?? { free: "0", valueAdded: "0" };
}
