// What the platform would refuse in an offer, said before it is sent: by path, as ids of messages.
import { localizedProblem } from "@/lib/localized";
import { compareDecimals, decimalProblem, normalizeDecimal } from "@/lib/numbers";
import type { MessageId } from "@/messages";
import { COUNT_MAX, type MeterDraft, type OfferDraft, type TierDraft } from "./offer-draft";

export interface OfferProblem {
  id: MessageId;
  values?: Record<string, string | number>;
}

/** Problems by path: `name`, `flatFee`, `terms`, `meters.0.unit`, `meters.0.tiers.1.upTo`. */
export type OfferProblems = Record<string, OfferProblem>;

const NAME_MAX = 80;
const METERS_MAX = 16;
const TIERS_MAX = 50;
const AMOUNT_MAX = "1000000000";
const WRONG_AMOUNT: OfferProblem = { id: "sell.number.amount" };

/** Everything that would be refused. */
export function offerProblems(draft: OfferDraft): OfferProblems {
  const name = localizedProblem(draft.name, NAME_MAX);
  const problems: OfferProblems = name === null ? {} : { name: { id: `sell.text.${name}`, values: { max: NAME_MAX } } };
  return { ...problems, ...termsProblems(draft) };
}

/** What would be refused of the terms, the name apart. */
export function termsProblems({ flatFee, meters }: OfferDraft): OfferProblems {
  const problems: OfferProblems = {};
  if (meters.length === 0 && flatFee.trim() === "") problems["terms"] = { id: "sell.error.TERMS_OFFER_NOTHING" };
  if (meters.length > METERS_MAX) problems["terms"] = { id: "sell.error.TERMS_TOO_MANY_METERS" };
  if (flatFee.trim() !== "" && !isAmount(flatFee)) problems["flatFee"] = WRONG_AMOUNT;
  meters.forEach((each, index) => Object.assign(problems, meterProblems(each, `meters.${index}`)));
  return problems;
}

function meterProblems({ included, model, unit, size, tiers }: MeterDraft, at: string): OfferProblems {
  const problems: OfferProblems = {};
  const isFree = included.trim() !== "" && normalizeDecimal(included) !== "0";
  if (included.trim() !== "" && !isCount(included, "0")) problems[`${at}.included`] = { id: "sell.number.whole", values: { min: "0" } };
  else if (model === "NONE" && !isFree) problems[`${at}.included`] = { id: "sell.offer.free.needed" };
  if ((model === "PER_UNIT" || model === "PACKAGE") && !isAmount(unit)) problems[`${at}.unit`] = WRONG_AMOUNT;
  if (model === "PACKAGE" && !isCount(size, "1")) problems[`${at}.size`] = { id: "sell.number.whole", values: { min: "1" } };
  if (model === "GRADUATED" || model === "VOLUME") Object.assign(problems, tierProblems(tiers, at));
  return problems;
}

function tierProblems(tiers: readonly TierDraft[], at: string): OfferProblems {
  const problems: OfferProblems = {};
  if (tiers.length > TIERS_MAX) problems[`${at}.tiers`] = { id: "sell.error.TERMS_TIER_COUNT" };
  let end = "0";
  tiers.forEach(({ upTo, unit, flat }, index) => {
    const path = `${at}.tiers.${index}`;
    const bound = normalizeDecimal(upTo);
    if (index < tiers.length - 1) {
      if (decimalProblem(bound, { max: COUNT_MAX }) !== null) problems[`${path}.upTo`] = { id: "ui.number.not-a-number" };
      else if (compareDecimals(bound, end) <= 0) problems[`${path}.upTo`] = { id: "sell.offer.tier.rising", values: { end } };
      end = bound;
    }
    if (!isAmount(unit)) problems[`${path}.unit`] = WRONG_AMOUNT;
    if (flat.trim() !== "" && !isAmount(flat)) problems[`${path}.flat`] = WRONG_AMOUNT;
  });
  return problems;
}

function isAmount(typed: string): boolean {
  return decimalProblem(normalizeDecimal(typed), { min: "0", max: AMOUNT_MAX }) === null;
}

function isCount(typed: string, min: string): boolean {
  return decimalProblem(normalizeDecimal(typed), { scale: 0, min, max: COUNT_MAX }) === null;
}
