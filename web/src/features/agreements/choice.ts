// Which agreements are looked at, as the page's address has it.
import type { AgreementState } from "@/gql/types";

export const AGREEMENT_STATES = ["IN_FORCE", "CANCELLED"] as const satisfies readonly AgreementState[];

export interface AgreementChoice {
  state?: AgreementState | undefined;
}
