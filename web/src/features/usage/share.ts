// Shares of counts, exact to a tenth of a percent.

/** `part ÷ whole` as a decimal with three digits, rounded down; 0 where there is nothing. */
export function perMille(part: string, whole: string): string {
  const [a, b] = [BigInt(part), BigInt(whole)];
  if (b <= 0n) return "0";
  const mille = (a * 1000n) / b;
  return `${mille / 1000n}.${(mille % 1000n).toString().padStart(3, "0")}`;
}
