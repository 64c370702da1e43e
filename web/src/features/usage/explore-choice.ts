// How usage is looked at, as the page's address has it.
import type { Meter, UsageFilter, UsageGrouping } from "@/gql/types";
import { countedAt, countedInstants } from "@/lib/counted-days";
import { presetRange, type DateRange } from "@/lib/date-range";
import { METERS } from "@/lib/meters";
import { dayOf, given, oneOf, textOf } from "@/lib/search";
import type { Measure } from "./series";

export const GROUPINGS = ["DAY", "HOUR", "CAPABILITY", "AGREEMENT", "LISTING", "PRINCIPAL", "METER"] as const satisfies readonly UsageGrouping[];

export interface ExploreChoice {
  /** Groups; by day unless given. */
  by?: UsageGrouping | undefined;
  /** What is drawn; calls unless given. */
  measure?: Measure | undefined;
  agreement?: string | undefined;
  capability?: string | undefined;
  principal?: string | undefined;
  meter?: Meter | undefined;
  /** First and last day, both included; the last 30 days unless given. */
  from?: string | undefined;
  until?: string | undefined;
}

/** Reads a choice from search parameters. */
export function exploreChoiceOf(search: Record<string, unknown>): ExploreChoice {
  return given({
    by: oneOf(GROUPINGS, search["by"]),
    measure: oneOf(METERS, search["measure"]),
    agreement: textOf(search["agreement"]),
    capability: textOf(search["capability"]),
    principal: textOf(search["principal"]),
    meter: oneOf(METERS, search["meter"]),
    from: dayOf(search["from"]),
    until: dayOf(search["until"]),
  });
}

/** The chosen days in a time zone; the last 30 where none are. */
export function exploreRange({ from, until }: ExploreChoice, zone: string): DateRange {
  return from === undefined && until === undefined ? presetRange("month", countedAt(new Date()), zone) : { from: from ?? "", until: until ?? "" };
}

interface Variables {
  by: UsageGrouping;
  from: string | null;
  until: string | null;
  filter: UsageFilter;
}

/** The choice as the API takes it, its days in a time zone. */
export function exploreVariables(choice: ExploreChoice, zone: string): Variables {
  const { agreement, capability, principal, meter } = choice;
  return {
    by: choice.by ?? "DAY",
    ...countedInstants(exploreRange(choice, zone), zone),
    filter: { agreementId: agreement ?? null, capability: capability ?? null, principal: principal ?? null, meter: meter ?? null },
  };
}
