// Shares of counts, exact to a tenth of a percent.

/** `part ÷ whole` as a decimal with three digits, rounded down; 0 where there is nothing. */
export function perMille(part: string, whole: string): string {
  const [a, b] = [BigInt(part), BigInt(whole)];
  if (b <= 0n) return "0";
  const mille = (a * 1000n) / b;
  return `${mille / 1000n}.${(mille % 1000n).toString().padStart(3, "0")}`;
}

/** An exact decimal or fraction (`517/19200`), rounded half up to so many digits: for forecasts, which are no bills. */
export function approximate(exact: string, digits: number): string {
  const [over, under = "1"] = exact.split("/");
  const [whole = "0", fraction = ""] = (over ?? "0").replace("-", "").split(".");
  const scale = 10n ** BigInt(digits);
  const numerator = BigInt(whole + fraction) * scale;
  const denominator = 10n ** BigInt(fraction.length) * BigInt(under);
  const rounded = ((numerator * 2n + denominator) / (denominator * 2n)).toString().padStart(digits + 1, "0");
  const sign = exact.startsWith("-") ? "-" : "";
  return digits === 0 ? sign + rounded : `${sign}${rounded.slice(0, -digits)}.${rounded.slice(-digits)}`;
}
