// What a live connection has told: the newest calls first, and how allowances stand after them.
import type { AllowanceStateFragment } from "../agreements/agreements.generated";
import type { CallRowFragment } from "./calls.generated";
import type { LiveUsageSubscription } from "./live.generated";

export interface LiveUsage {
  /** At most `ROWS_MAX`, the newest first. */
  calls: readonly CallRowFragment[];
  /** By agreement. */
  allowances: ReadonlyMap<string, readonly AllowanceStateFragment[]>;
  /** Charge of the running period so far, by agreement. */
  charges: ReadonlyMap<string, string | null>;
  /** Calls told of since listening began. */
  count: bigint;
}

export const ROWS_MAX = 20;

export const NOTHING_HEARD: LiveUsage = { calls: [], allowances: new Map(), charges: new Map(), count: 0n };

/** Takes over one message. A call that was told of before, such as after a resumed connection, stays one row. */
export function heard(before: LiveUsage, message: LiveUsageSubscription["usageRecorded"]): LiveUsage {
  const newest = [...message.invocations].reverse();
  return {
    calls: merged(newest, before.calls),
    allowances: new Map([...before.allowances, ...message.allowance.map((each) => [each.agreement.id, each.allowance] as const)]),
    charges: new Map([...before.charges, ...message.allowance.map(({ agreement }) => [agreement.id, agreement.estimatedCharge] as const)]),
    count: before.count + BigInt(message.calls),
  };
}

/** Newer calls before older ones, each once, and no more than are shown. */
export function merged(newer: readonly CallRowFragment[], older: readonly CallRowFragment[]): CallRowFragment[] {
  const seen = new Set(newer.map(({ id }) => id));
  return [...newer, ...older.filter(({ id }) => !seen.has(id))].slice(0, ROWS_MAX);
}
