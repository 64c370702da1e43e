// Days as usage is counted: in whole hours UTC, each in the day that it ends in. Where a zone's midnight lies within an
// hour, as at half past in India, its days are counted from the start of that hour.
import { rangeInstants, type DateRange } from "./date-range";
import { dateFormat } from "./formats";

const HOUR_MS = 3_600_000;

interface Period {
  start: string;
  end: string;
}

/** The instants between which the days of a range are counted, null where it is open: whole hours, so that ranges tile time. */
export function countedInstants(range: DateRange, zone: string): { from: string | null; until: string | null } {
  const { from, until } = rangeInstants(range, zone);
  return { from: from && iso(hourOf(from)), until: until && iso(hourOf(until)) };
}

/** A half-open period from within its first counted day up to the end of its last hour. */
export function countedPeriod({ start, end }: Period): Period {
  return { start: iso(countedAt(new Date(start)).getTime()), end: iso(hourOf(Date.parse(end) - 1) + HOUR_MS) };
}

/** When the days of a zone are counted from, around an instant, on the evening before: `23:30`; null where it is midnight. */
export function countedFrom(instant: string, zone: string): string | null {
  const minute = dateFormat("en", { minute: "numeric", timeZone: zone }).format(hourOf(instant));
  return minute === "0" ? null : `23:${minute}`;
}

/** The end of the hour that an instant is in, which says to what day it counts. */
export function countedAt(instant: Date): Date {
  return new Date(hourOf(instant.getTime()) + HOUR_MS - 1);
}

function hourOf(instant: string | number): number {
  const at = typeof instant === "string" ? Date.parse(instant) : instant;
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}
