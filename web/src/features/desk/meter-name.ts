// What a meter counts, as a noun of its own: in Chinese a count takes a measure word that the noun does not have.
import { useCallback } from "react";
import { useSay } from "@/lib/say";
import type { MeterName } from "@/ui/numbers";

/** Gives the noun of a meter, in English in the plural unless `isOne`. */
export function useMeterNoun(): (meter: MeterName, isOne?: boolean) => string {
  const say = useSay();
  return useCallback((meter, isOne = false) => say(`sell.meter.${meter}`, { count: isOne ? 1 : 2 }), [say]);
}
