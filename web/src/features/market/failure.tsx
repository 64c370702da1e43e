// The market could not be read: what happened, what it means for money, and what to do.
import { FormattedMessage } from "react-intl";
import type { FailureKind } from "../../lib/graphql";
import styles from "./notice.module.css";

export function Failure({ kind, onRetry }: { kind: FailureKind; onRetry: () => void }) {
  return (
    <div className={styles.failure}>
      <h3 className={styles.title}>
        <FormattedMessage id="failure.title" />
      </h3>
      <p>
        <FormattedMessage id={`failure.${kind}`} />
      </p>
      <p>
        <FormattedMessage id="failure.money" />
      </p>
      <button type="button" className={styles.retry} onClick={onRetry}>
        <FormattedMessage id="failure.retry" />
      </button>
    </div>
  );
}
