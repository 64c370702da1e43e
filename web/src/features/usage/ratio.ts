// Ratios as percentages with two places.

/** A ratio cut to four places: never more than it is. */
export function shortened(ratio: string): string {
  const [whole = "0", fraction = ""] = ratio.split(".");
  return fraction === "" ? whole : `${whole}.${fraction.slice(0, 4)}`;
}
