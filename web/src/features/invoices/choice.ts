// Which invoices are looked at, as the page's address has it.
import type { InvoiceFilter, InvoiceState } from "@/gql/types";
import { rangeInstants } from "@/lib/date-range";
import { dayOf, given, oneOf, textOf } from "@/lib/search";

export const INVOICE_STATES = ["DRAFT", "ISSUED", "PAID", "VOID"] as const satisfies readonly InvoiceState[];

export interface InvoiceChoice {
  state?: InvoiceState | undefined;
  /** The id of an agreement. */
  agreement?: string | undefined;
  /** First and last day that the period touches, both included. */
  from?: string | undefined;
  until?: string | undefined;
}

/** Reads a choice from search parameters. */
export function invoiceChoiceOf(search: Record<string, unknown>): InvoiceChoice {
  return given({
    state: oneOf(INVOICE_STATES, search["state"]),
    agreement: textOf(search["agreement"]),
    from: dayOf(search["from"]),
    until: dayOf(search["until"]),
  });
}

/** The choice as the API takes it, its days in a time zone. */
export function invoiceFilter({ state, agreement, from = "", until = "" }: InvoiceChoice, zone: string): InvoiceFilter {
  return { state: state ?? null, agreement: agreement ?? null, ...rangeInstants({ from, until }, zone) };
}
