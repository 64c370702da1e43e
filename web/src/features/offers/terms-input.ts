// An offer's terms as the API takes them back, to be rated for a sample quantity.
import type { EstimateOfferQueryVariables } from "./estimate.generated";
import type { Terms } from "./terms";

type TermsInput = EstimateOfferQueryVariables["input"]["terms"];
type MeterTerms = NonNullable<Extract<TermsInput["meters"], readonly unknown[]>>[number];
type PriceInput = NonNullable<MeterTerms["price"]>;

/** The same terms, one entry for each meter that is free or charged. */
export function termsInput(terms: Terms): TermsInput {
  const meters = [...new Set([...terms.allowances, ...terms.prices].map(({ meter }) => meter))];
  return {
    currency: terms.currencyCode,
    period: terms.period,
    ...(terms.flatFee === null ? {} : { flatFee: terms.flatFee }),
    meters: meters.map((meter) => {
      const allowance = terms.allowances.find((each) => each.meter === meter);
      const price = terms.prices.find((each) => each.meter === meter);
      return {
        meter,
        ...(allowance === undefined ? {} : { included: allowance.included }),
        ...(price === undefined ? {} : { price: priceInput(price) }),
      };
    }),
  };
}

function priceInput(price: Terms["prices"][number]): PriceInput {
  const tiers = price.tiers.map(({ upTo, unit, flat }) => ({ ...(upTo === null ? {} : { upTo }), unit, flat }));
  switch (price.model) {
    case "PER_UNIT":
      return { perUnit: price.unit ?? "0" };
    case "PACKAGE":
      return { package: { size: price.packageSize ?? "1", price: price.unit ?? "0" } };
    case "GRADUATED":
      return { graduated: tiers };
    case "VOLUME":
      return { volume: tiers };
  }
}
