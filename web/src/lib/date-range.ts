// Ranges of UTC days, as invoices count them.

/** First and last day, `YYYY-MM-DD`, both included; empty where the range is open. */
export interface DateRange {
  from: string;
  until: string;
}

export const RANGE_PRESETS = ["today", "week", "month", "quarter", "thisMonth", "all"] as const;
export type RangePreset = (typeof RANGE_PRESETS)[number];

const DAY = 86_400_000;
const LENGTHS = { today: 1, week: 7, month: 30, quarter: 90 } as const;

/** Gives the range of a preset; those that count days end today and include it. */
export function presetRange(preset: RangePreset, now: Date): DateRange {
  const until = now.toISOString().slice(0, 10);
  if (preset === "all") return { from: "", until: "" };
  if (preset === "thisMonth") return { from: `${until.slice(0, 8)}01`, until };
  return { from: new Date(Date.parse(until) - (LENGTHS[preset] - 1) * DAY).toISOString().slice(0, 10), until };
}

/** Gives the half-open range of instants, null where it is open: what the API's `from` and `until` take. */
export function rangeInstants({ from, until }: DateRange): { from: string | null; until: string | null } {
  const end = Date.parse(until);
  return {
    from: Number.isNaN(Date.parse(from)) ? null : `${from}T00:00:00Z`,
    until: Number.isNaN(end) ? null : `${new Date(end + DAY).toISOString().slice(0, 10)}T00:00:00Z`,
  };
}

/** Tells whether the first day is after the last. */
export function isReversed({ from, until }: DateRange): boolean {
  return from !== "" && until !== "" && from > until;
}
