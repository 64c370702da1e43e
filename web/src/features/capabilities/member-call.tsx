// A member's call: first what it would cost under each agreement that covers it, then the call under the chosen one.
import { useState } from "react";
import { FormattedMessage } from "react-intl";
import { Button } from "@/ui/button";
import { CallRefusal } from "./call-refusal";
import { CallResult } from "./call-result";
import { PayloadEditor } from "./payload-editor";
import { Quotes } from "./quotes";
import { SandboxCall } from "./sandbox-call";
import styles from "./try-it.module.css";
import { schemaOf, type Callable } from "./try-it";
import { useMemberCall } from "./use-member-call";
import { usePayload } from "./use-payload";

export function MemberCall({ capability }: { capability: Callable }) {
  const { examples } = capability.contract;
  const editing = usePayload(schemaOf(capability), examples[0]?.input);
  const call = useMemberCall(capability.slug);
  const [inSandbox, setInSandbox] = useState(false);
  const isCovered = call.refusal?.code !== "NO_AGREEMENT";
  const isQuoted = call.quotes.length > 0 && call.quotedFor === editing.payload;
  if (inSandbox) return <SandboxCall capability={capability} />;
  return (
    <div className={styles.console}>
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          void (isQuoted ? call.invoke() : call.quote(editing.payload));
        }}
      >
        <PayloadEditor editing={editing} examples={examples} wasSent={call.wasSent} />
        {isQuoted && <Quotes quotes={call.quotes} chosen={call.chosen} onChoose={call.choose} />}
        <div className={styles.actions}>
          <Button type="submit" variant="primary" isPending={call.isPending}>
            <FormattedMessage id={isQuoted ? "store.try.call" : "store.try.quote"} />
          </Button>
          <p className={styles.left}>
            <FormattedMessage id={isQuoted ? "store.try.member.quoted" : "store.try.member.free"} />
          </p>
        </div>
      </form>
      <div className={styles.answer} aria-live="polite">
        {call.refusal !== null && <CallRefusal refusal={call.refusal} />}
        {!isCovered && (
          <p className={styles.actions}>
            <a href="#offers">
              <FormattedMessage id="store.try.member.offers" />
            </a>
            {capability.isTryable && (
              <Button size="small" onPress={() => setInSandbox(true)}>
                <FormattedMessage id="store.try.member.sandbox" />
              </Button>
            )}
          </p>
        )}
        {call.answer !== null && (
          <CallResult
            answer={call.answer}
            note={<FormattedMessage id={call.answer.isRepeated === true ? "store.try.member.repeated" : "store.try.member.note"} />}
          />
        )}
        {call.refusal === null && call.answer === null && (
          <p className={styles.beginning}>
            <FormattedMessage id="store.try.member.beginning" />
          </p>
        )}
      </div>
    </div>
  );
}
