// What a total holds beside its groups: by capability, the reports that name none.
import { compareDecimals, subtractDecimals } from "@/lib/numbers";
import type { Totals } from "./series";

interface Sums extends Totals {
  /** Decimals: whole quantities by the prices of terms. */
  estimatedCharges: readonly { currencyCode: string; exact: string }[];
}

/** A total less its groups, exactly; null where they hold every call and report. */
export function restOf<Total extends Sums>(total: Total, groups: readonly Sums[]) {
  const rest = (pick: (sums: Sums) => string) => subtractDecimals(pick(total), ...groups.map(pick));
  const calls = rest((sums) => sums.calls);
  if (calls === "0") return null;
  return {
    calls,
    freeCalls: rest(({ freeCalls }) => freeCalls),
    valueAddedCalls: rest(({ valueAddedCalls }) => valueAddedCalls),
    meters: total.meters
      .map(({ meter }) => {
        const of = ({ meters }: Sums) => meters.find((each) => each.meter === meter);
        return { meter, free: rest((sums) => of(sums)?.free ?? "0"), valueAdded: rest((sums) => of(sums)?.valueAdded ?? "0") };
      })
      .filter(({ free, valueAdded }) => free !== "0" || valueAdded !== "0"),
    estimatedCharges: total.estimatedCharges
      .map(({ currencyCode }) => {
        const of = ({ estimatedCharges }: Sums) => estimatedCharges.find((each) => each.currencyCode === currencyCode);
        return { currencyCode, exact: rest((sums) => of(sums)?.exact ?? "0") };
      })
      .filter(({ exact }) => compareDecimals(exact, "0") !== 0),
  };
}
