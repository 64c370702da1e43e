// Quoting and calling as a member. One intent keeps one key, so that a call sent again is billed once.
import { useRef, useState } from "react";
import { useClient } from "urql";
import { useApiLanguage } from "@/lib/say";
import { noAnswer, type Refusal } from "./call-refusal";
import type { Answer } from "./call-result";
import { InvokeCapability, QuoteCall, type QuoteCallQuery } from "./try.generated";

/** What a call would cost under one agreement. */
export type Quote = QuoteCallQuery["quote"]["candidates"][number];

interface Standing {
  quotes: readonly Quote[];
  /** The payload that the quotes are for, the very value. */
  quotedFor: unknown;
  chosen: string | null;
  answer: Answer | null;
  refusal: Refusal | null;
}

const NOTHING: Standing = { quotes: [], quotedFor: null, chosen: null, answer: null, refusal: null };

export function useMemberCall(capability: string) {
  const client = useClient();
  const language = useApiLanguage();
  const [standing, setStanding] = useState(NOTHING);
  const [isPending, setPending] = useState(false);
  const [wasSent, setSent] = useState(false);
  const key = useRef("");

  const quote = async (payload: unknown) => {
    setSent(true);
    if (payload === null) return;
    setPending(true);
    key.current = crypto.randomUUID();
    const input = { target: { capability }, payload, idempotencyKey: key.current };
    const { data, error } = await client.query(QuoteCall, { input, language }, { requestPolicy: "network-only" });
    const { candidates = [], errors = [] } = data?.quote ?? {};
    const refusal = error === undefined ? (errors[0] ?? null) : noAnswer(error);
    const chosen = candidates.find(({ isAvailable }) => isAvailable)?.agreement.id ?? null;
    setStanding({ ...NOTHING, quotes: candidates, quotedFor: payload, chosen, refusal });
    setPending(false);
  };

  const invoke = async () => {
    if (standing.chosen === null) return;
    setPending(true);
    const target = { agreement: { id: standing.chosen, capability } };
    const input = { target, payload: standing.quotedFor, idempotencyKey: key.current };
    const { data, error } = await client.mutation(InvokeCapability, { input, language });
    const { invocation = null, errors = [] } = data?.invoke ?? {};
    const refusal = error === undefined ? (errors[0] ?? null) : noAnswer(error);
    const answer =
      invocation === null
        ? null
        : {
            ...invocation,
            invocationId: invocation.id,
            milliseconds: Date.parse(invocation.settledAt) - Date.parse(invocation.requestedAt),
          };
    // After an answer the next call is a new intent: it is quoted anew. Without one the key is kept.
    setStanding((before) => (answer === null ? { ...before, refusal } : { ...NOTHING, answer }));
    setPending(false);
  };

  const choose = (agreement: string) => {
    key.current = crypto.randomUUID();
    setStanding((before) => ({ ...before, chosen: agreement, refusal: null }));
  };
  return { ...standing, quote, invoke, choose, isPending, wasSent };
}
