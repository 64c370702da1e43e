// How a listing's calls have fared, as the platform measured it.
import { FormattedMessage } from "react-intl";
import { Badge } from "@/ui/badge";
import { Duration, Percent, Quantity } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Period } from "@/ui/time";
import type { HealthFiguresFragment } from "./listing.generated";
import styles from "./health.module.css";

export type Health = HealthFiguresFragment;

/** In one line: whether it answers, how often, how fast. */
export function HealthLine({ health }: { health: Health | null }) {
  if (health === null || health.calls === "0") {
    return (
      <span className={styles.unknown}>
        <FormattedMessage id="store.health.none" />
      </span>
    );
  }
  return (
    <span className={styles.line}>
      <Answering isAnswering={health.isAnswering} />
      {health.availability !== null && (
        <span>
          <FormattedMessage id="store.health.line.availability" values={{ share: <Percent ratio={health.availability} /> }} />
        </span>
      )}
      {health.latencyP50Milliseconds !== null && (
        <span>
          <FormattedMessage
            id="store.health.line.latency"
            values={{ latency: <Duration milliseconds={health.latencyP50Milliseconds} /> }}
          />
        </span>
      )}
    </span>
  );
}

/** All that is measured, with the period it is measured over. */
export function HealthTable({ health }: { health: Health }) {
  const duration = (milliseconds: number | null) => milliseconds !== null && <Duration milliseconds={milliseconds} />;
  return (
    <KeyValue
      entries={[
        [<FormattedMessage id="store.health.state" />, <Answering isAnswering={health.isAnswering} />],
        [<FormattedMessage id="store.health.calls" />, <Quantity value={health.calls} />],
        [<FormattedMessage id="store.health.failures" />, <Quantity value={health.failures} />],
        [<FormattedMessage id="store.health.availability" />, health.availability !== null && <Percent ratio={health.availability} />],
        [<FormattedMessage id="store.health.p50" />, duration(health.latencyP50Milliseconds)],
        [<FormattedMessage id="store.health.p95" />, duration(health.latencyP95Milliseconds)],
        [<FormattedMessage id="store.health.p99" />, duration(health.latencyP99Milliseconds)],
        [<FormattedMessage id="store.health.period" />, <Period start={health.from} end={health.until} />],
      ]}
    />
  );
}

function Answering({ isAnswering }: { isAnswering: boolean }) {
  return (
    <Badge tone={isAnswering ? "good" : "danger"}>
      <FormattedMessage id={isAnswering ? "store.health.answering" : "store.health.resting"} />
    </Badge>
  );
}
