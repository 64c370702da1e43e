// The keys that have signed checkpoints of this platform's log.
import { FormattedMessage } from "react-intl";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { CopyButton } from "@/ui/copy-button";
import { Instant } from "@/ui/time";
import type { CheckpointKeysQuery } from "./receipts.generated";
import styles from "./receipts.module.css";

export function TrustedKeys({ keys }: { keys: CheckpointKeysQuery["checkpointKeys"] }) {
  const say = useSay();
  return (
    <ul className={styles.keys}>
      {keys.map(({ key, createdAt, retiredAt }) => (
        <li key={key} className={styles.key}>
          <code className={styles.long}>{key}</code>
          <span className={styles.split}>
            {retiredAt === null ? <Badge tone="good">{say("ui.key.inUse")}</Badge> : <Badge tone="faint">{say("ui.key.retired")}</Badge>}
            <span>
              {retiredAt === null ? (
                <FormattedMessage id="ui.key.since" values={{ instant: <Instant value={createdAt} /> }} />
              ) : (
                <FormattedMessage id="ui.key.until" values={{ instant: <Instant value={retiredAt} /> }} />
              )}
            </span>
            <CopyButton text={key} variant="quiet" />
          </span>
        </li>
      ))}
    </ul>
  );
}
