// One event as it stands in the log: who, when, why, and what it says.
import { Link } from "@tanstack/react-router";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { CopyButton } from "@/ui/copy-button";
import { JsonView } from "@/ui/json-view";
import { Quantity } from "@/ui/numbers";
import { KeyValue, Section } from "@/ui/page";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { Id } from "../operate/parts";
import type { OperateEventQuery } from "./operate-log.generated";

type Event = NonNullable<OperateEventQuery["logEvent"]>;

export function EventDetails({ event }: { event: Event }) {
  const say = useSay();
  const text = JSON.stringify(event.data, null, 2);
  return (
    <>
      <Section title={say("operate.log.facts")}>
        <KeyValue
          entries={[
            [
              say("operate.log.kind"),
              <>
                <Link to="/operate/log" search={{ kind: event.kind }} className={styles.mono}>
                  {event.kind}
                </Link>{" "}
                <code>{`v${event.version}`}</code>
              </>,
            ],
            [
              say("operate.log.ofStream"),
              <Link to="/operate/log" search={{ stream: event.stream, order: "OLDEST" }} className={styles.mono}>
                {event.stream}
              </Link>,
            ],
            [say("operate.log.revision"), groupDigits(event.revision)],
            [say("operate.log.occurredAt"), <Instant value={event.occurredAt} />],
            [
              say("operate.log.actor"),
              <Link to="/operate/log" search={{ actor: event.actor }} className={styles.mono}>
                {event.actor}
              </Link>,
            ],
            [
              say("operate.log.correlation"),
              <Link to="/operate/log/correlations/$id" params={{ id: event.correlationId }} className={styles.mono}>
                {event.correlationId}
              </Link>,
            ],
            [say("operate.log.causation"), <Id value={event.causationId} />],
            [say("operate.log.eventId"), <Id value={event.id} />],
            [say("operate.log.body"), event.bodyBytes !== "0" && <Quantity value={event.bodyBytes} meter="BYTE" />],
          ]}
        />
      </Section>
      <Section title={say("operate.log.data")} actions={<CopyButton text={text} label={say("operate.log.copy")} />}>
        <div className={styles.gap}>
          <Notice>{say("operate.log.sealed")}</Notice>
          <JsonView value={event.data} label={`${event.kind} ${event.position}`} openLevels={6} />
        </div>
      </Section>
    </>
  );
}
