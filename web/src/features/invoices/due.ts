// Until when an invoice should be paid.
import type { InvoiceState } from "@/gql/types";
import { isNegative } from "@/lib/numbers";

interface Owed {
  state: InvoiceState;
  total: { amount: string } | null;
  dueAt: string | null;
}

/** When it is due; null where nothing is to be paid: a void one is not owed, and a credit is paid back. */
export function dueOf({ state, total, dueAt }: Owed): string | null {
  return state === "VOID" || isNegative(total) ? null : dueAt;
}
