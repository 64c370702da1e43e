// Mutations as forms use them: one idempotency key per intent, and every refusal or failure as something to read.
import type { CombinedError, TypedDocumentNode } from "@urql/core";
import { useRef, useState } from "react";
import { useIntl, type IntlShape } from "react-intl";
import { useClient } from "urql";
import { codeOf } from "./client";
import { failureOf } from "./failure";

interface Refusal {
  code: string;
  message: string;
  path: readonly string[];
}

interface Payload {
  errors: readonly Refusal[];
}

type Variables<Input> = { input: Input & { idempotencyKey?: string | null } };

/**
 * Runs a mutation whose only argument is `input`; `read` takes the payload out of the answer. `touches` names the types
 * of what changes where the answer doesn't hold them, such as what was removed: lists of them are then read anew.
 * A key in the input itself stays: an intent that is mended and tried again is still the same one.
 */
export function useAct<Data, Input extends object, Answer extends Payload>(
  document: TypedDocumentNode<Data, Variables<Input>>,
  read: (data: Data) => Answer,
  touches: readonly string[] = [],
) {
  const client = useClient();
  const intl = useIntl();
  const keyFor = useIntentKey();
  const [isPending, setPending] = useState(false);
  const [errors, setErrors] = useState<readonly Refusal[]>([]);
  const run = async (input: Input): Promise<Answer | null> => {
    setPending(true);
    const variables = { input: { idempotencyKey: keyFor(input), ...input } };
    const { data, error } = await client.mutation(document, variables, { additionalTypenames: [...touches] }).toPromise();
    setPending(false);
    if (error !== undefined || data === undefined) {
      setErrors([failedWith(error, intl)]);
      return null;
    }
    const answer = read(data);
    setErrors(answer.errors);
    if (answer.errors.length > 0) return null;
    keyFor.done();
    return answer;
  };
  return { run, isPending, errors, clear: () => setErrors([]) };
}

const FORBIDDEN = ["MISSING_SCOPE", "NOT_OPERATOR"];

function failedWith(error: CombinedError | undefined, intl: IntlShape): Refusal {
  const { kind, correlationId } = error === undefined ? { kind: "failed" as const } : failureOf(error);
  const code = error === undefined ? undefined : codeOf(error);
  const means = code !== undefined && FORBIDDEN.includes(code) ? "forbidden" : kind;
  return { code: correlationId ?? code ?? kind.toUpperCase(), message: intl.formatMessage({ id: `ui.act.${means}` }), path: [] };
}

/** The same key while the same thing is asked for, so that trying again never does it twice; another for the next. */
function useIntentKey(): ((input: object) => string) & { done: () => void } {
  const intent = useRef({ asked: "", key: "" });
  const keyFor = (input: object) => {
    const asked = JSON.stringify(input);
    if (intent.current.asked !== asked) intent.current = { asked, key: crypto.randomUUID() };
    return intent.current.key;
  };
  return Object.assign(keyFor, { done: () => void (intent.current = { asked: "", key: "" }) });
}
