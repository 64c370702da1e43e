// Money, counts and ratios as they are read: exact digits, always with currency or unit.
import { useIntl } from "react-intl";
import type { MeterName } from "../lib/meters";
import { compactCount, formatMoney, formatPercent, groupDigits, trimZeros } from "../lib/numbers";
import styles from "./numbers.module.css";
import { classNames } from "./class-names";
import { VisuallyHidden } from "./visually-hidden";

interface MoneyProps {
  /** An exact decimal string. */
  amount: string;
  currencyCode: string;
}

/** Shows an amount with every digit it has. */
export function Money({ amount, currencyCode }: MoneyProps) {
  const { locale } = useIntl();
  return <span className={styles.number}>{formatMoney(amount, currencyCode, locale)}</span>;
}

interface ExactChargeProps {
  /** An exact decimal string, not rounded. */
  exact: string;
  currencyCode: string;
}

/** Shows a charge before rounding: an estimate of what the invoice will say. */
export function ExactCharge({ exact, currencyCode }: ExactChargeProps) {
  const intl = useIntl();
  return (
    <span className={classNames(styles.number, styles.estimate)} title={intl.formatMessage({ id: "ui.exact.title" })}>
      {formatMoney(trimZeros(exact), currencyCode, intl.locale)}
      <VisuallyHidden> {intl.formatMessage({ id: "ui.exact.spoken" })}</VisuallyHidden>
    </span>
  );
}

interface QuantityProps {
  /** A whole number as a string. */
  value: string;
  /** The unit; without it the bare count shows. */
  meter?: MeterName | undefined;
  /** Shortens to `1.2M`, `123.5万`; the exact count stays in the title. */
  isCompact?: boolean | undefined;
}

/** Shows a count with its unit in the reader's language. */
export function Quantity({ value, meter, isCompact = false }: QuantityProps) {
  const { locale } = useIntl();
  const unit = useMeterUnit();
  const exact = groupDigits(value);
  const number = isCompact ? compactCount(value, locale) : exact;
  return (
    <span className={styles.number} title={isCompact && number !== exact ? exact : undefined}>
      {number}
      {meter !== undefined && <span className={styles.unit}> {unit(meter, value)}</span>}
    </span>
  );
}

/** Gives the word for a unit, singular or plural as the count asks. */
export function useMeterUnit(): (meter: MeterName, count?: string) => string {
  const intl = useIntl();
  return (meter, count = "2") => intl.formatMessage({ id: `ui.meter.${meter}` }, { count: count === "1" ? 1 : 2 });
}

/** Gives the noun of a meter, in the plural unless `isOne`: in Chinese a count takes a measure word that the noun lacks. */
export function useMeterNoun(): (meter: MeterName, isOne?: boolean) => string {
  const intl = useIntl();
  return (meter, isOne = false) => intl.formatMessage({ id: `ui.meter.noun.${meter}` }, { count: isOne ? 1 : 2 });
}

/** Shows a ratio (`0.0525`) as a percentage (`5.25%`), exactly. */
export function Percent({ ratio }: { ratio: string }) {
  return <span className={styles.number}>{formatPercent(ratio)}</span>;
}

/** Shows a duration in the unit that reads best, from milliseconds to days. */
export function Duration({ milliseconds }: { milliseconds: number }) {
  const intl = useIntl();
  const [value, unit] = inBestUnit(milliseconds);
  return (
    <span className={styles.number}>
      {intl.formatNumber(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 })}
    </span>
  );
}

function inBestUnit(milliseconds: number): [number, "millisecond" | "second" | "minute" | "hour" | "day"] {
  if (milliseconds < 1_000) return [milliseconds, "millisecond"];
  if (milliseconds < 60_000) return [milliseconds / 1_000, "second"];
  if (milliseconds < 3_600_000) return [milliseconds / 60_000, "minute"];
  if (milliseconds < 86_400_000) return [milliseconds / 3_600_000, "hour"];
  return [milliseconds / 86_400_000, "day"];
}
