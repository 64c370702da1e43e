// What the platform refused, in the reader's language: its stable code chooses the words, its own text is the rest.
import { useCallback } from "react";
import { useIntl } from "react-intl";
import type { MessageId } from "@/messages";

interface Refusal {
  code: string;
  message: string;
  path: readonly string[];
}

/** Gives a function that words refusals by the catalogue's `<prefix>.<CODE>.<field>` or `<prefix>.<CODE>`, where there is one. */
export function useRefusals(prefix: string): <Kind extends Refusal>(refusals: readonly Kind[]) => Kind[] {
  const intl = useIntl();
  return useCallback(
    (refusals) =>
      refusals.map((refusal) => {
        const code = `${prefix}.${refusal.code}`;
        const id = [`${code}.${refusal.path.at(-1) ?? ""}`, code].find((each) => each in intl.messages);
        return id === undefined ? refusal : { ...refusal, message: intl.formatMessage({ id: id as MessageId }) };
      }),
    [intl, prefix],
  );
}
