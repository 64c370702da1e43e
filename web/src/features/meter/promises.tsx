// What the meter promises, each in a sentence that can be checked.
import { FormattedMessage } from "react-intl";
import styles from "./promises.module.css";

const PROMISES = ["durable", "exact", "replay"] as const;

export function Promises() {
  return (
    <section id="meter" className={styles.band} aria-labelledby="meter-title">
      <div className={styles.inner}>
        <h2 id="meter-title" className={styles.title}>
          <FormattedMessage id="meter.title" />
        </h2>
        <ul className={styles.list}>
          {PROMISES.map((promise) => (
            <li key={promise} className={styles.promise}>
              <h3>
                <FormattedMessage id={`meter.${promise}.title`} />
              </h3>
              <p className={styles.text}>
                <FormattedMessage id={`meter.${promise}.text`} />
              </p>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
