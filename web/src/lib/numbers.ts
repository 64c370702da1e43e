// Shows exact decimal strings without ever turning them into floats: money and counts are strings from end to end.
import { numberFormat } from "./formats";

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

interface Decimal {
  isNegative: boolean;
  whole: string;
  fraction: string;
}

function parse(value: string): Decimal | null {
  const match = DECIMAL.exec(value);
  if (match === null) return null;
  const whole = (match[2] ?? "0").replace(/^0+(?=\d)/, "");
  return { isNegative: match[1] === "-", whole, fraction: match[3] ?? "" };
}

/** Groups the whole part in thousands, as both English and Chinese do. What is no decimal is given back as it came. */
export function groupDigits(value: string): string {
  const decimal = parse(value);
  if (decimal === null) return value;
  const whole = decimal.whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${decimal.isNegative ? "\u2212" : ""}${whole}${decimal.fraction === "" ? "" : `.${decimal.fraction}`}`;
}

/** Drops zeros at the end of the fraction: `0.0020` becomes `0.002`, `3.00` becomes `3`. */
export function trimZeros(value: string): string {
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}

/** Fills the fraction with zeros up to `digits`; a longer fraction stays, for nothing is rounded here. */
export function padFraction(value: string, digits: number): string {
  const decimal = parse(value);
  if (decimal === null) return value;
  const fraction = decimal.fraction.padEnd(digits, "0");
  return `${decimal.isNegative ? "-" : ""}${decimal.whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Compares two decimal strings exactly: negative, zero or positive. */
export function compareDecimals(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const digits = Math.max(a.fraction.length, b.fraction.length);
  const [x, y] = [scaled(a, digits), scaled(b, digits)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whether an amount of money is below zero; one that is not there is not. */
export function isNegative(money: { amount: string } | null): boolean {
  return money !== null && compareDecimals(money.amount, "0") < 0;
}

/** Adds decimal strings exactly; the sum has as many fraction digits as the longest. What is no decimal counts as 0. */
export function addDecimals(...values: string[]): string {
  const decimals = values.map(parse).filter((decimal) => decimal !== null);
  const digits = Math.max(0, ...decimals.map((decimal) => decimal.fraction.length));
  const sum = decimals.reduce((total, decimal) => total + scaled(decimal, digits), 0n);
  const text = (sum < 0n ? -sum : sum).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return `${sum < 0n ? "-" : ""}${whole}${digits === 0 ? "" : `.${text.slice(-digits)}`}`;
}

/** Takes decimal strings off one exactly; what is no decimal counts as 0. */
export function subtractDecimals(from: string, ...values: string[]): string {
  return addDecimals(from, ...values.map((value) => (value.startsWith("-") ? value.slice(1) : `-${value}`)));
}

function scaled({ isNegative, whole, fraction }: Decimal, digits: number): bigint {
  const magnitude = BigInt(whole + fraction.padEnd(digits, "0"));
  return isNegative ? -magnitude : magnitude;
}

/** The share `part ÷ whole` for widths of bars and meters: 0 to 1, for looks only, 0 where `whole` is 0. */
export function shareOf(part: string, whole: string): number {
  const [a, b] = [parse(part), parse(whole)];
  if (a === null || b === null) return 0;
  const digits = Math.max(a.fraction.length, b.fraction.length);
  const [x, y] = [scaled(a, digits), scaled(b, digits)];
  if (y <= 0n || x <= 0n) return 0;
  return x >= y ? 1 : Number((x * 10_000n) / y) / 10_000;
}

/** Money with the symbol of its currency, every digit as given, at least as many as the currency has minor digits. */
export function formatMoney(amount: string, currencyCode: string, locale: string): string {
  const decimal = parse(amount);
  if (decimal === null) return `${amount} ${currencyCode}`;
  try {
    const format = numberFormat(locale, { style: "currency", currency: currencyCode });
    const digits = format.resolvedOptions().minimumFractionDigits ?? 0;
    const number = groupDigits(padFraction(amount.replace("-", ""), digits));
    const shown = format
      .formatToParts(decimal.isNegative ? -1 : 1)
      .map(({ type, value }) => {
        if (type === "integer") return number;
        if (type === "minusSign") return "\u2212";
        return type === "decimal" || type === "fraction" ? "" : value;
      });
    return shown.join("");
  } catch {
    // Intl refuses what is no three-letter code.
    return `${groupDigits(amount)} ${currencyCode}`;
  }
}

/** A count in few characters (`1.2M`, `123.5万`); the exact one belongs beside it. */
export function compactCount(value: string, locale: string): string {
  const decimal = parse(value);
  if (decimal === null) return value;
  const whole = BigInt(`${decimal.isNegative ? "-" : ""}${decimal.whole}`);
  return numberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(whole);
}

/** A ratio such as `0.0525` as a percentage, exactly: `5.25%`. */
export function formatPercent(ratio: string): string {
  const decimal = parse(ratio);
  if (decimal === null) return ratio;
  const fraction = decimal.fraction.padEnd(2, "0");
  const shifted = `${decimal.isNegative ? "-" : ""}${decimal.whole}${fraction.slice(0, 2)}.${fraction.slice(2)}`;
  return `${groupDigits(trimZeros(shifted.replace(/\.$/, "")))}%`;
}

export interface DecimalBounds {
  /** Most fraction digits allowed; 0 means whole numbers. */
  scale?: number | undefined;
  min?: string | undefined;
  max?: string | undefined;
}

export type DecimalProblem = "not-a-number" | "too-precise" | "too-small" | "too-large";

/** Reads what was typed (full-width digits, grouping commas and spaces are fine) as a decimal string. */
export function normalizeDecimal(typed: string): string {
  const plain = typed.normalize("NFKC").replace(/[\s,\u066c]/g, "").replace(/^[+]/, "").replace(/[\u2212\u2013]/g, "-");
  const completed = plain.replace(/^(-?)\./, "$10.").replace(/\.$/, "");
  const decimal = parse(completed);
  return decimal === null ? plain : completed.replace(/^(-?)0+(?=\d)/, "$1");
}

/** Says what is wrong with a decimal string, or null. */
export function decimalProblem(value: string, { scale, min, max }: DecimalBounds): DecimalProblem | null {
  const decimal = parse(value);
  if (decimal === null) return "not-a-number";
  if (scale !== undefined && trimZeros(`0.${decimal.fraction}`).length - 2 > scale) return "too-precise";
  if (min !== undefined && compareDecimals(value, min) < 0) return "too-small";
  if (max !== undefined && compareDecimals(value, max) > 0) return "too-large";
  return null;
}
