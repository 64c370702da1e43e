// Instants and periods. Instants show in the reader's time zone, periods in that of their agreement: an invoice has the
// same days for everybody.
import { useIntl, type IntlShape } from "react-intl";
import { dateFormat } from "../lib/formats";
import styles from "./numbers.module.css";

interface InstantProps {
  /** An ISO 8601 instant. */
  value: string;
  format?: "date" | "time" | "datetime" | "exact" | "precise" | "relative" | undefined;
}

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const FORMATS = {
  date: { dateStyle: "medium" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  datetime: { dateStyle: "medium", timeStyle: "short" },
  exact: { dateStyle: "medium", timeStyle: "medium" },
  /** As short as it can be to the second, for columns. */
  precise: { year: "2-digit", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
} as const;

/** Shows an instant; the title gives it in full with the time zone. */
export function Instant({ value, format = "datetime" }: InstantProps) {
  const intl = useIntl();
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return <span>{value}</span>;
  const zone = intl.timeZone ?? OWN_ZONE;
  const local = dateFormat(intl.locale, { dateStyle: "full", timeStyle: "long", timeZone: zone }).format(at);
  const text =
    format === "relative"
      ? relative(intl, at, new Date())
      : dateFormat(intl.locale, { ...FORMATS[format], timeZone: zone }).format(at);
  return (
    <time className={styles.number} dateTime={value} title={intl.formatMessage({ id: "ui.instant.title" }, { local, zone })}>
      {text}
    </time>
  );
}

const STEPS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

function relative(intl: IntlShape, at: Date, now: Date): string {
  const distance = at.getTime() - now.getTime();
  const [unit, length] = STEPS.find(([, each]) => Math.abs(distance) >= each) ?? ["second", 1_000];
  return intl.formatRelativeTime(Math.trunc(distance / length), unit, { numeric: "auto" });
}

interface PeriodProps {
  /** The first instant of the period, ISO 8601. */
  start: string;
  /** The first instant after the period, ISO 8601. */
  end: string;
  /** The time zone (IANA) in which the period's days begin; UTC unless given. */
  zone?: string | undefined;
}

/** Shows a half-open period by its first and last day. */
export function Period({ start, end, zone }: PeriodProps) {
  const intl = useIntl();
  return (
    <span className={styles.number} title={intl.formatMessage({ id: "ui.period.title" }, { start, end })}>
      {formatPeriod(start, end, intl.locale, zone)}
    </span>
  );
}

/** Writes a half-open period as its first and last day in a time zone. */
export function formatPeriod(start: string, end: string, locale: string, zone = "UTC"): string {
  const first = new Date(start);
  const last = new Date(new Date(end).getTime() - 1);
  if (Number.isNaN(first.getTime()) || Number.isNaN(last.getTime())) return `${start} – ${end}`;
  const format = dateFormat(locale, { dateStyle: "medium", timeZone: zone });
  return last <= first ? format.format(first) : format.formatRange(first, last);
}
