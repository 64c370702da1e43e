// The states around content: notices, nothing there yet, failed, forbidden, being read, live.
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import { buttonClass } from "./button-class";
import { classNames } from "./class-names";
import { Icon } from "./icons";
import styles from "./state.module.css";
import { VisuallyHidden } from "./visually-hidden";

interface NoticeProps {
  tone?: "neutral" | "good" | "attention" | "danger" | undefined;
  title?: ReactNode;
  children?: ReactNode;
}

/** Says something about the part of the page it stands in. */
export function Notice({ tone = "neutral", title, children }: NoticeProps) {
  const icon = tone === "good" ? "check" : tone === "neutral" ? "info" : "warning";
  return (
    <div className={classNames(styles.notice, styles[tone])} role={tone === "danger" ? "alert" : undefined}>
      <Icon name={icon} />
      <div>
        {title !== undefined && <p className={styles.noticeTitle}>{title}</p>}
        {children}
      </div>
    </div>
  );
}

interface EmptyStateProps {
  title: ReactNode;
  body?: ReactNode;
  /** The first thing to do. */
  action?: ReactNode;
  /** Whether nothing else is on the page: what it says is then the page's `h1`. */
  isPage?: boolean | undefined;
}

/** Nothing is there yet, and what to do first. */
export function EmptyState({ title, body, action, isPage = false }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <Title isPage={isPage}>{title}</Title>
      {body !== undefined && <p className={styles.body}>{body}</p>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}

export type ErrorKind = "unreachable" | "refused" | "expired" | "missing" | "failed";

interface ErrorStateProps {
  /** What went wrong; it gives the words that are not passed in. */
  kind: ErrorKind;
  title?: ReactNode;
  body?: ReactNode;
  /** What it means for money; by default that reading is free. */
  money?: ReactNode;
  /** Names the fault in the server's log. */
  correlationId?: string | undefined;
  onRetry?: (() => void) | undefined;
  /** Another way on, beside trying again. */
  action?: ReactNode;
  isPage?: boolean | undefined;
}

/** Says what happened, what it means for money, and what to do. */
export function ErrorState({ kind, title, body, money, correlationId, onRetry, action, isPage = false }: ErrorStateProps) {
  const intl = useIntl();
  return (
    <div className={classNames(styles.state, styles.failed)} role="alert">
      <Title isPage={isPage}>{title ?? intl.formatMessage({ id: `ui.error.${kind}.title` })}</Title>
      <p className={styles.body}>{body ?? intl.formatMessage({ id: `ui.error.${kind}.body` })}</p>
      <p className={styles.body}>{money ?? intl.formatMessage({ id: "ui.error.money" })}</p>
      {correlationId !== undefined && (
        <p className={styles.fine}>{intl.formatMessage({ id: "ui.error.correlation" }, { id: correlationId })}</p>
      )}
      {(onRetry !== undefined || action !== undefined) && (
        <div className={styles.action}>
          {onRetry !== undefined && (
            <button type="button" className={buttonClass()} onClick={onRetry}>
              {intl.formatMessage({ id: "ui.retry" })}
            </button>
          )}
          {action}
        </div>
      )}
    </div>
  );
}

interface ForbiddenStateProps {
  /** The roles that may see it, in the reader's language. */
  roles: string[];
  body?: ReactNode;
  action?: ReactNode;
  isPage?: boolean | undefined;
}

/** The signed-in member may not see this, and who may. */
export function ForbiddenState({ roles, body, action, isPage }: ForbiddenStateProps) {
  const intl = useIntl();
  const list = intl.formatList(roles, { type: "disjunction" });
  return (
    <EmptyState
      title={intl.formatMessage({ id: "ui.forbidden.title" })}
      body={body ?? intl.formatMessage({ id: "ui.forbidden.body" }, { roles: list })}
      action={action}
      isPage={isPage}
    />
  );
}

/** What a state says first; the heading of the page where there is nothing else on it. */
function Title({ isPage, children }: { isPage: boolean; children: ReactNode }) {
  return isPage ? <h1 className={styles.title}>{children}</h1> : <p className={styles.title}>{children}</p>;
}

/** Holds the place of what is being read; says so to screen readers, and to tests by `data-pending`. */
export function Skeleton({ lines = 3 }: { lines?: number | undefined }) {
  const intl = useIntl();
  return (
    <div className={styles.skeleton} role="status" data-pending="">
      <VisuallyHidden>{intl.formatMessage({ id: "ui.loading" })}</VisuallyHidden>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={styles.bone} aria-hidden="true" />
      ))}
    </div>
  );
}

interface ProgressProps {
  /** 0 to 1. */
  value: number;
  label: string;
  /** What shows beside the label, `120 of 5,000 rows`; by default the percentage. */
  text?: string | undefined;
}

/** How far something has come. */
export function Progress({ value, label, text }: ProgressProps) {
  const intl = useIntl();
  const share = Math.min(Math.max(value, 0), 1);
  const shown = text ?? intl.formatNumber(share, { style: "percent" });
  return (
    <div className={styles.progress}>
      <span>
        {label} · {shown}
      </span>
      <div
        className={styles.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={shown}
      >
        <div className={styles.fill} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

/** Whether the figures beside it follow the market as it happens. */
export function LiveDot({ state }: { state: "live" | "connecting" | "lost" }) {
  const intl = useIntl();
  return (
    <span className={styles.live} role="status">
      <span className={styles.dot} data-state={state} aria-hidden="true" />
      {intl.formatMessage({ id: `ui.live.${state}` })}
    </span>
  );
}
