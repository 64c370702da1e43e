// Hundredths of a percent, as rates of commission and tax are kept, and as people type them.
import { decimalProblem, formatPercent, normalizeDecimal } from "./numbers";

/** As a percentage with its sign: 525 is `5.25%`. */
export function formatBasisPoints(points: number): string {
  return formatPercent(ratioOf(points));
}

/** As the percentage that a field holds: 525 is `5.25`. */
export function percentOf(points: number): string {
  return formatBasisPoints(points).replace("%", "").replaceAll(",", "");
}

/** What was typed as a percentage, in basis points; null where it is none from 0 to 100 with at most two digits. */
export function basisPointsOf(typed: string): number | null {
  const percent = normalizeDecimal(typed);
  if (decimalProblem(percent, { scale: 2, min: "0", max: "100" }) !== null) return null;
  const [whole = "0", fraction = ""] = percent.split(".");
  return Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, "0"));
}

function ratioOf(points: number): string {
  const digits = String(points).padStart(5, "0");
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
