// Nothing there yet, and what to do first.
import { FormattedMessage } from "react-intl";
import type { MessageId } from "../../messages/en";
import styles from "./notice.module.css";

export function Empty({ title, next }: { title: MessageId; next: MessageId }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>
        <FormattedMessage id={title} />
      </p>
      <p>
        <FormattedMessage id={next} />
      </p>
    </div>
  );
}
