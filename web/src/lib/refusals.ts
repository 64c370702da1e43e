// What the platform refused, in the reader's language: its stable code chooses the words, its own text is the rest.
import { useCallback } from "react";
import { useIntl } from "react-intl";
import type { MessageId } from "@/messages";

interface Refusal {
  code: string;
  message: string;
  path: readonly string[];
}

/** Gives a function that words refusals by the catalogue's `<prefix>.<CODE>`, where there is one. */
export function useRefusals(prefix: string): <Kind extends Refusal>(refusals: readonly Kind[]) => Kind[] {
  const intl = useIntl();
  return useCallback(
    (refusals) =>
      refusals.map((refusal) => {
        const id = `${prefix}.${refusal.code}`;
        return id in intl.messages ? { ...refusal, message: intl.formatMessage({ id: id as MessageId }) } : refusal;
      }),
    [intl, prefix],
  );
}
