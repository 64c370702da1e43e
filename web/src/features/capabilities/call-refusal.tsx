// Why a call was not answered, what that means for money, and what to do.
import type { CombinedError } from "@urql/core";
import { FormattedMessage, useIntl } from "react-intl";
import { unanswered } from "@/lib/unanswered";
import type { MessageId } from "@/messages";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import type { RefusedCallFragment } from "./try.generated";

export type Refusal = RefusedCallFragment | { __typename: "Unanswered"; code: string; message: string };

/** Codes after which it is not known whether the call was recorded. */
const OPEN_OUTCOMES = ["OUTCOME_PENDING", "OUTCOME_UNKNOWN", "OUTPUT_NOT_RETAINED", "UNREACHABLE"];

export function CallRefusal({ refusal }: { refusal: Refusal }) {
  const intl = useIntl();
  const id = `store.refusal.${refusal.code}`;
  return (
    <Notice tone="danger" title={id in intl.messages ? intl.formatMessage({ id: id as MessageId }) : refusal.message}>
      {refusal.__typename === "InvalidPayload" && <p>{refusal.message}</p>}
      {refusal.__typename === "ProviderUnavailable" && (
        <p>
          <FormattedMessage id={`store.unavailable.${refusal.reason}`} />
        </p>
      )}
      {refusal.__typename === "ProviderRefused" && <p>{refusal.message}</p>}
      {refusal.__typename === "AllowanceExhausted" && (
        <p>
          <FormattedMessage id="store.refusal.resets" values={{ at: <Instant value={refusal.status.resetsAt} /> }} />
        </p>
      )}
      <p>
        <FormattedMessage id={OPEN_OUTCOMES.includes(refusal.code) ? "store.refusal.money.open" : "store.refusal.money"} />
      </p>
    </Notice>
  );
}

/** The refusal that stands for a request which got no answer. */
export function noAnswer(error: CombinedError): Refusal {
  return { __typename: "Unanswered", ...unanswered(error) };
}
