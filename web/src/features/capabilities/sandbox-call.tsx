// A visitor's call: metered like any other, paid for by the platform, a few a day for each address.
import { Link, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage } from "react-intl";
import { useMutation, useQuery } from "urql";
import { useApiLanguage } from "@/lib/say";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import { CallRefusal, noAnswer, type Refusal } from "./call-refusal";
import { CallResult, type Answer } from "./call-result";
import { PayloadEditor } from "./payload-editor";
import styles from "./try-it.module.css";
import { schemaOf, type Callable } from "./try-it";
import { Sandbox, TryCapability, type SandboxLeftFragment } from "./try.generated";
import { usePayload } from "./use-payload";

export function SandboxCall({ capability }: { capability: Callable }) {
  const { examples } = capability.contract;
  const editing = usePayload(schemaOf(capability), examples[0]?.input);
  const { run, left, answer, refusal, isPending, wasSent } = useTrial(capability.slug);
  const isUsable = capability.isTryable && (left === null || (left.isOpen && left.remaining !== "0"));
  return (
    <div className={styles.console}>
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          void run(editing.payload);
        }}
      >
        <PayloadEditor editing={editing} examples={examples} wasSent={wasSent} />
        <div className={styles.actions}>
          <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isUsable}>
            <FormattedMessage id="store.try.call" />
          </Button>
          {capability.isTryable ? <Left left={left} /> : <NotTryable />}
        </div>
      </form>
      <div className={styles.answer} aria-live="polite">
        {refusal !== null && <CallRefusal refusal={refusal} />}
        {answer !== null && <CallResult answer={answer} note={<FormattedMessage id="store.try.sandbox.note" />} />}
        {refusal === null && answer === null && <Beginning />}
      </div>
    </div>
  );
}

function Left({ left }: { left: SandboxLeftFragment | null }) {
  if (left === null) return null;
  if (!left.isOpen) return <Limit id="store.try.sandbox.closed" />;
  if (left.remaining === "0") return <Limit id="store.try.sandbox.empty" resetsAt={left.resetsAt} />;
  return (
    <p className={styles.left}>
      <FormattedMessage id="store.try.sandbox.left" values={{ remaining: Number(left.remaining), of: Number(left.callsPerAddressPerDay) }} />
    </p>
  );
}

function NotTryable() {
  return <Limit id="store.try.sandbox.not" />;
}

interface LimitProps {
  id: "store.try.sandbox.closed" | "store.try.sandbox.empty" | "store.try.sandbox.not";
  resetsAt?: string;
}

function Limit({ id, resetsAt }: LimitProps) {
  const here = useRouterState({ select: ({ location }) => location.href });
  return (
    <Notice>
      <FormattedMessage id={id} values={{ at: resetsAt !== undefined && <Instant value={resetsAt} format="time" /> }} />{" "}
      <Link to="/sign-in" search={{ return: here }}>
        <FormattedMessage id="store.try.sandbox.signIn" />
      </Link>
    </Notice>
  );
}

function Beginning() {
  return (
    <p className={styles.beginning}>
      <FormattedMessage id="store.try.beginning" />
    </p>
  );
}

function useTrial(slug: string) {
  const language = useApiLanguage();
  const [{ data }] = useQuery({ query: Sandbox });
  const [{ fetching, data: tried, error }, send] = useMutation(TryCapability);
  const [wasSent, setSent] = useState(false);
  const run = async (payload: unknown) => {
    setSent(true);
    if (payload === null) return;
    const input = { capability: slug, payload, idempotencyKey: crypto.randomUUID() };
    await send({ input, language });
  };
  const { trial = null, errors = [], sandbox = null } = tried?.tryCapability ?? {};
  const refusal: Refusal | null = error === undefined ? (errors[0] ?? null) : noAnswer(error);
  const answer: Answer | null = trial === null ? null : { ...trial, milliseconds: trial.latencyMilliseconds };
  return { run, left: sandbox ?? data?.sandbox ?? null, answer, refusal, isPending: fetching, wasSent };
}
