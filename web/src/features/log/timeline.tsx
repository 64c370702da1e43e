// Everything that followed from one request, over all streams, in the order in which it was recorded.
import { Link } from "@tanstack/react-router";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Disclosure } from "@/ui/disclosure";
import { JsonView } from "@/ui/json-view";
import { Duration } from "@/ui/numbers";
import { Instant } from "@/ui/time";
import type { OperateCorrelationQuery } from "./operate-log.generated";
import styles from "./timeline.module.css";

type Event = OperateCorrelationQuery["logEvents"]["nodes"][number];

export function Timeline({ events }: { events: readonly Event[] }) {
  const say = useSay();
  const byId = new Map(events.map((event) => [event.id, event]));
  const start = Date.parse(events[0]?.occurredAt ?? "");
  return (
    <ol className={styles.timeline}>
      {events.map((event) => (
        <li key={event.position} className={styles.event}>
          <p className={styles.when}>
            <Instant value={event.occurredAt} format="time" />
            <span className={styles.after}>
              + <Duration milliseconds={Math.max(Date.parse(event.occurredAt) - start, 0)} />
            </span>
          </p>
          <div className={styles.what}>
            <p>
              <Link to="/operate/log/$position" params={{ position: event.position }}>
                <code>{event.kind}</code>
              </Link>{" "}
              <span className={styles.soft}>{say("operate.log.by", { actor: event.actor })}</span>
            </p>
            <p className={styles.stream}>
              <code>{`${event.stream} @ ${groupDigits(event.revision)}`}</code>
            </p>
            <Cause cause={byId.get(event.causationId)} />
            <Disclosure title={say("operate.log.data")}>
              <JsonView value={event.data} label={`${event.kind} ${event.position}`} openLevels={3} />
            </Disclosure>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Cause({ cause }: { cause: Event | undefined }) {
  const say = useSay();
  if (cause === undefined) return <p className={styles.soft}>{say("operate.log.fromRequest")}</p>;
  return <p className={styles.soft}>{say("operate.log.fromEvent", { kind: cause.kind, position: groupDigits(cause.position) })}</p>;
}
