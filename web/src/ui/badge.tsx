// Small labels of state and class. Each is told by its word; the colour and the notch only repeat it.
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import styles from "./badge.module.css";
import { classNames } from "./class-names";

export type Tone = "neutral" | "good" | "attention" | "danger" | "faint";

/** Shows one word about a thing. */
export function Badge({ tone = "neutral", children }: { tone?: Tone | undefined; children: ReactNode }) {
  return <span className={classNames(styles.badge, tone !== "neutral" && styles[tone])}>{children}</span>;
}

const STATE_TONES = {
  DRAFT: "faint",
  IN_REVIEW: "attention",
  PUBLISHED: "good",
  DEPRECATED: "attention",
  RETIRED: "faint",
  IN_FORCE: "good",
  CANCELLED: "faint",
  ISSUED: "attention",
  PAID: "good",
  VOID: "faint",
  OPEN: "neutral",
  SETTLED: "neutral",
  ANSWERING: "good",
  RESTING: "danger",
  PROBING: "attention",
} as const satisfies Record<string, Tone>;

/** A state of a listing, agreement, invoice, statement, invocation or upstream. */
export type StateName = keyof typeof STATE_TONES;

/** Shows a state in the reader's language. */
export function StatusBadge({ state }: { state: StateName }) {
  const intl = useIntl();
  return <Badge tone={STATE_TONES[state]}>{intl.formatMessage({ id: `ui.state.${state}` })}</Badge>;
}

export type UsageClassName = "FREE" | "VALUE_ADDED";

/** Shows whether use was free or value-added, with its notch. */
export function ClassBadge({ value }: { value: UsageClassName }) {
  const intl = useIntl();
  const isFree = value === "FREE";
  return (
    <Badge tone={isFree ? "good" : "attention"}>
      <span className={classNames(styles.notch, !isFree && styles.broad)} aria-hidden="true" />
      {intl.formatMessage({ id: `ui.class.${value}` })}
    </Badge>
  );
}
