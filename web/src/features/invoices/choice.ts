// Which invoices are looked at, as the page's address has it.
import type { InvoiceState } from "@/gql/types";

export const INVOICE_STATES = ["DRAFT", "ISSUED", "PAID", "VOID"] as const satisfies readonly InvoiceState[];

export interface InvoiceChoice {
  state?: InvoiceState | undefined;
  /** The id of an agreement. */
  agreement?: string | undefined;
}
