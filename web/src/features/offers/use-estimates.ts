// What a sample quantity would cost by each of several offers, rated by the platform as it rates invoices.
import { useEffect, useState } from "react";
import { useClient } from "urql";
import type { MeterName } from "@/lib/meters";
import { EstimateOffer, type EstimateOfferQuery } from "./estimate.generated";
import type { Terms } from "./terms";
import { termsInput } from "./terms-input";

export type Estimate = NonNullable<EstimateOfferQuery["estimateOffer"]["estimate"]>;

/** An offer's estimate; null where its terms do not cover the meter. */
export type Estimates = Readonly<Record<string, Estimate | null>>;

interface Offered {
  id: string;
  terms: Terms;
}

/** Estimates by offer id, for one whole period; what is not known yet is not there. */
export function useEstimates(offers: readonly Offered[], meter: MeterName, quantity: string): Estimates {
  const client = useClient();
  const [known, setKnown] = useState<{ of: string; estimates: Estimates }>({ of: "", estimates: {} });
  const of = `${meter} ${quantity} ${offers.map(({ id }) => id).join(" ")}`;
  useEffect(() => {
    if (!/^\d+$/.test(quantity)) return undefined;
    let isLeft = false;
    const estimate = async ({ id, terms }: Offered): Promise<[string, Estimate | null]> => {
      const input = { terms: termsInput(terms), usage: [{ meter, quantity }] };
      const { data } = await client.query(EstimateOffer, { input }, { requestPolicy: "cache-first" });
      return [id, data?.estimateOffer.estimate ?? null];
    };
    void Promise.all(offers.map(estimate)).then((entries) => {
      if (!isLeft) setKnown({ of, estimates: Object.fromEntries(entries) });
    });
    return () => {
      isLeft = true;
    };
    // The ids stand for the offers: their terms do not change under an id and price version on one page.
  }, [client, of]);
  return known.of === of ? known.estimates : {};
}
