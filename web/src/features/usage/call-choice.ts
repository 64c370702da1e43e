// Which calls are looked at, as the page's address has it.
import type { InvocationFilter, UsageClass } from "@/gql/types";
import { rangeInstants } from "@/lib/date-range";
import { dayOf, given, oneOf, textOf } from "@/lib/search";

export const CLASSES = ["FREE", "VALUE_ADDED"] as const satisfies readonly UsageClass[];

export interface CallChoice {
  agreement?: string | undefined;
  capability?: string | undefined;
  /** The API key or member that called. */
  principal?: string | undefined;
  class?: UsageClass | undefined;
  /** First and last day, both included. */
  from?: string | undefined;
  until?: string | undefined;
}

/** Reads a choice of calls from search parameters. */
export function callChoiceOf(search: Record<string, unknown>): CallChoice {
  return given({
    agreement: textOf(search["agreement"]),
    capability: textOf(search["capability"]),
    principal: textOf(search["principal"]),
    class: oneOf(CLASSES, search["class"]),
    from: dayOf(search["from"]),
    until: dayOf(search["until"]),
  });
}

/** The choice as the API takes it, its days in a time zone. */
export function callFilter(choice: CallChoice, zone: string): InvocationFilter {
  const { agreement, capability, principal } = choice;
  return {
    agreementId: agreement ?? null,
    capability: capability ?? null,
    principal: principal ?? null,
    class: choice.class ?? null,
    ...rangeInstants({ from: choice.from ?? "", until: choice.until ?? "" }, zone),
  };
}
