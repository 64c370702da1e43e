// What the console's filters offer, in the order in which they offer it.
import type { LedgerAccountKind, Side, StatementState } from "@/gql/types";

export const STANDINGS = ["active", "suspended", "operator"] as const;
export const SIDES: readonly Side[] = ["BUYER", "SELLER"];
export const STATEMENT_STATES: readonly StatementState[] = ["OPEN", "ISSUED"];
export const ACCOUNT_KINDS: readonly LedgerAccountKind[] = ["BUYER_RECEIVABLE", "PROVIDER_PAYABLE", "COMMISSION_REVENUE", "TAX_PAYABLE", "CASH"];
