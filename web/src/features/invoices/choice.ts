// Which invoices are looked at, as the page's address has it.
import type { InvoiceFilter, InvoiceState } from "@/gql/types";
import { rangeInstants } from "@/lib/date-range";

export const INVOICE_STATES = ["DRAFT", "ISSUED", "PAID", "VOID"] as const satisfies readonly InvoiceState[];

export interface InvoiceChoice {
  state?: InvoiceState | undefined;
  /** The id of an agreement. */
  agreement?: string | undefined;
  /** First and last UTC day that the period touches, both included. */
  from?: string | undefined;
  until?: string | undefined;
}

/** The choice as the API takes it. */
export function invoiceFilter({ state, agreement, from, until }: InvoiceChoice): InvoiceFilter {
  return { state: state ?? null, agreement: agreement ?? null, ...rangeInstants({ from: from ?? "", until: until ?? "" }) };
}
