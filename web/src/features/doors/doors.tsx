// Three ways into the platform: call its API, buy, sell.
import { FormattedMessage, useIntl } from "react-intl";
import { CodeBlock } from "../../ui/code-block";
import styles from "./doors.module.css";
import { firstCall } from "./first-call";

const STEPS = [1, 2, 3, 4] as const;

export function Doors() {
  const intl = useIntl();
  return (
    <section id="start" className={styles.section} aria-labelledby="start-title">
      <h2 id="start-title" className={styles.title}>
        <FormattedMessage id="doors.title" />
      </h2>
      <p className={styles.lead}>
        <FormattedMessage id="doors.lead" />
      </p>
      <div className={styles.doors}>
        <section className={styles.api} aria-labelledby="door-api">
          <h3 id="door-api">
            <FormattedMessage id="doors.api.title" />
          </h3>
          <p className={styles.text}>
            <FormattedMessage id="doors.api.text" />
          </p>
          <CodeBlock label={intl.formatMessage({ id: "doors.api.code" })} code={firstCall(window.location.origin)} />
        </section>
        <Door name="buy" />
        <Door name="sell" />
      </div>
    </section>
  );
}

function Door({ name }: { name: "buy" | "sell" }) {
  return (
    <section className={styles.door} aria-labelledby={`door-${name}`}>
      <h3 id={`door-${name}`}>
        <FormattedMessage id={`doors.${name}.title`} />
      </h3>
      <ol className={styles.steps}>
        {STEPS.map((step) => (
          <li key={step} className={styles.step}>
            <FormattedMessage id={`doors.${name}.${step}`} />
          </li>
        ))}
      </ol>
      <p className={styles.key}>
        <FormattedMessage id={`doors.${name}.key`} />
      </p>
    </section>
  );
}
