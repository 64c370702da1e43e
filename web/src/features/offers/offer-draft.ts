// An offer as its builder holds it: what is typed, and the terms that it makes.
import type { TermsInput } from "@/gql/types";
import { NO_TEXT, unfolded, type Localized } from "@/lib/localized";
import type { MeterName } from "@/lib/meters";
import { compareDecimals, decimalProblem, normalizeDecimal, trimZeros } from "@/lib/numbers";
import type { SellOfferFragment } from "./sell-offers.generated";
import type { OfferTermsFragment } from "./terms.generated";

export const METERS: readonly MeterName[] = [
  "REQUEST",
  "CHARACTER",
  "INPUT_TOKEN",
  "OUTPUT_TOKEN",
  "IMAGE",
  "PAGE",
  "SECOND",
  "BYTE",
  "ROW",
  "LEASE_SECOND",
  "DEVICE_MONTH",
  "JOB",
];
export const PERIODS = ["DAY", "MONTH", "YEAR"] as const;
/** How units past the allowance are charged; with `NONE` calls stop there. */
export const PRICE_MODELS = ["NONE", "PER_UNIT", "PACKAGE", "GRADUATED", "VOLUME"] as const;
export type PriceModel = (typeof PRICE_MODELS)[number];
/** The most that a count can be. */
export const COUNT_MAX = "9223372036854775807";

export interface TierDraft {
  /** Without meaning in the last tier, which is open. */
  upTo: string;
  unit: string;
  flat: string;
}

export interface MeterDraft {
  meter: MeterName;
  included: string;
  model: PriceModel;
  unit: string;
  size: string;
  tiers: TierDraft[];
  /** What a buyer might use in a period, for the estimate only. */
  sample: string;
}

export interface OfferDraft {
  name: Localized;
  currency: string;
  period: (typeof PERIODS)[number];
  flatFee: string;
  meters: MeterDraft[];
}

export function meterDraft(meter: MeterName): MeterDraft {
  return { meter, included: "", model: "PER_UNIT", unit: "", size: "1000", tiers: [tier("1000"), tier("")], sample: "10000" };
}

function tier(upTo: string): TierDraft {
  return { upTo, unit: "", flat: "" };
}

/** A new offer on a listing whose calls are counted on some meters. */
export function offerDraft(meters: readonly MeterName[], currency: string): OfferDraft {
  return { name: NO_TEXT, currency, period: "MONTH", flatFee: "", meters: meters.map(meterDraft) };
}

/** The builder's beginning for an offer that is to be repriced. */
export function repriceDraft({ nameEn, nameZh, terms }: Pick<SellOfferFragment, "nameEn" | "nameZh" | "terms">): OfferDraft {
  const meters = [...new Set([...terms.allowances, ...terms.prices].map(({ meter }) => meter))];
  return {
    name: unfolded(nameEn, nameZh),
    currency: terms.currencyCode,
    period: terms.period,
    flatFee: terms.flatFee === null ? "" : trimZeros(terms.flatFee),
    meters: meters.map((meter) => knownMeter(meter, terms)),
  };
}

function knownMeter(meter: MeterName, terms: OfferTermsFragment): MeterDraft {
  const included = terms.allowances.find((each) => each.meter === meter)?.included ?? "0";
  const price = terms.prices.find((each) => each.meter === meter);
  const draft: MeterDraft = { ...meterDraft(meter), included: included === "0" ? "" : included, model: price?.model ?? "NONE" };
  if (price === undefined) return draft;
  const tiers = price.tiers.map(({ upTo, unit, flat }) => ({
    upTo: upTo === null ? "" : trimZeros(upTo),
    unit: trimZeros(unit),
    flat: compareDecimals(flat, "0") === 0 ? "" : trimZeros(flat),
  }));
  return {
    ...draft,
    unit: price.unit === null ? "" : trimZeros(price.unit),
    size: price.packageSize ?? draft.size,
    tiers: tiers.length === 0 ? draft.tiers : tiers,
  };
}

/** The API's `TermsInput` of a draft without problems. */
export function termsInput({ currency, period, flatFee, meters }: OfferDraft): TermsInput {
  return {
    currency,
    period,
    ...(flatFee.trim() === "" ? {} : { flatFee: normalizeDecimal(flatFee) }),
    meters: meters.map((each) => {
      const price = priceInput(each);
      return {
        meter: each.meter,
        ...(each.included.trim() === "" ? {} : { included: normalizeDecimal(each.included) }),
        ...(price === null ? {} : { price }),
      };
    }),
  };
}

function priceInput({ model, unit, size, tiers }: MeterDraft) {
  const rows = tiers.map((each, index) => ({
    ...(index === tiers.length - 1 ? {} : { upTo: normalizeDecimal(each.upTo) }),
    unit: normalizeDecimal(each.unit),
    ...(each.flat.trim() === "" ? {} : { flat: normalizeDecimal(each.flat) }),
  }));
  switch (model) {
    case "NONE":
      return null;
    case "PER_UNIT":
      return { perUnit: normalizeDecimal(unit) };
    case "PACKAGE":
      return { package: { size: normalizeDecimal(size), price: normalizeDecimal(unit) } };
    case "GRADUATED":
      return { graduated: rows };
    case "VOLUME":
      return { volume: rows };
  }
}

/** The usage to estimate with: of each meter what a buyer might use, where that is a whole number. */
export function sampleUsage({ meters }: OfferDraft): { meter: MeterName; quantity: string }[] {
  return meters
    .map(({ meter, sample }) => ({ meter, quantity: normalizeDecimal(sample) }))
    .filter(({ quantity }) => decimalProblem(quantity, { scale: 0, min: "0", max: COUNT_MAX }) === null);
}
