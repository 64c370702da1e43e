// What is to be done, in order: what is done, what comes next, what is blocked and why.
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import { Icon } from "./icons";
import styles from "./steps.module.css";

export interface Step {
  id: string;
  title: ReactNode;
  state: "done" | "next" | "blocked" | "later";
  /** Why it is blocked, or what it takes. */
  reason?: ReactNode;
  action?: ReactNode;
}

export function Steps({ steps }: { steps: readonly Step[] }) {
  const intl = useIntl();
  const done = steps.filter(({ state }) => state === "done").length;
  return (
    <div>
      <p className={styles.progress}>{intl.formatMessage({ id: "ui.steps.progress" }, { done, total: steps.length })}</p>
      <ol className={styles.steps}>
        {steps.map((step, index) => (
          <li
            key={step.id}
            className={classNames(styles.step, styles[step.state])}
            aria-current={step.state === "next" ? "step" : undefined}
          >
            <span className={styles.mark} aria-hidden="true">
              {step.state === "done" && <Icon name="check" />}
              {step.state === "blocked" && <Icon name="lock" />}
              {(step.state === "next" || step.state === "later") && index + 1}
            </span>
            <div>
              <p className={styles.title}>
                {step.title}
                <span className={styles.state}>{intl.formatMessage({ id: `ui.steps.${step.state}` })}</span>
              </p>
              {step.reason !== undefined && <p className={styles.reason}>{step.reason}</p>}
            </div>
            {step.action !== undefined && <div className={styles.action}>{step.action}</div>}
          </li>
        ))}
      </ol>
    </div>
  );
}
