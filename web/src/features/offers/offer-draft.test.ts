import { expect, test } from "vitest";
import { meterDraft, offerDraft, repriceDraft, sampleUsage, termsInput, type MeterDraft, type OfferDraft } from "./offer-draft";
import { offerProblems, termsProblems } from "./offer-problems";

const empty: OfferDraft = { ...offerDraft([], "CNY"), name: { en: "Starter", zh: "" } };
const priced = (fields: Partial<MeterDraft>): OfferDraft => ({ ...empty, meters: [{ ...meterDraft("CHARACTER"), ...fields }] });

test("terms that offer nothing are refused, a flat fee alone is something", () => {
  expect(termsProblems(empty)).toEqual({ terms: { id: "sell.error.TERMS_OFFER_NOTHING" } });
  expect(termsProblems({ ...empty, flatFee: "9.90" })).toEqual({});
  expect(Object.keys(termsProblems(priced({ model: "NONE" })))).toEqual(["meters.0.included"]);
  expect(termsProblems(priced({ model: "NONE", included: "100" }))).toEqual({});
});

test("amounts are from zero to a thousand million, exact, however they are typed", () => {
  expect(termsProblems(priced({ unit: "０.００2" }))).toEqual({});
  expect(termsInput(priced({ unit: "1,000.50" })).meters?.[0]?.price).toEqual({ perUnit: "1000.50" });
  for (const unit of ["", "-1", "cheap", "1000000001"]) expect(Object.keys(termsProblems(priced({ unit }))), unit).toEqual(["meters.0.unit"]);
});

test("tiers rise, and only the last is open", () => {
  const tiers = [
    { upTo: "1000", unit: "0.002", flat: "" },
    { upTo: "1000", unit: "0.001", flat: "5" },
    { upTo: "left from before", unit: "0", flat: "" },
  ];
  expect(Object.keys(termsProblems(priced({ model: "GRADUATED", tiers })))).toEqual(["meters.0.tiers.1.upTo"]);
  const rising = tiers.map((each, index) => (index === 1 ? { ...each, upTo: "5,000" } : each));
  expect(termsProblems(priced({ model: "VOLUME", tiers: rising }))).toEqual({});
  expect(termsInput(priced({ model: "VOLUME", tiers: rising })).meters?.[0]?.price).toEqual({
    volume: [{ upTo: "1000", unit: "0.002" }, { upTo: "5000", unit: "0.001", flat: "5" }, { unit: "0" }],
  });
});

test("a package holds at least one unit", () => {
  expect(Object.keys(termsProblems(priced({ model: "PACKAGE", unit: "1", size: "0" })))).toEqual(["meters.0.size"]);
  expect(termsInput(priced({ model: "PACKAGE", unit: "1", size: "500", included: "10" })).meters).toEqual([
    { meter: "CHARACTER", included: "10", price: { package: { size: "500", price: "1" } } },
  ]);
});

test("a name is needed only where one is given", () => {
  const nameless = { ...empty, flatFee: "1", name: { en: "", zh: "" } };
  expect(Object.keys(offerProblems(nameless))).toEqual(["name"]);
  expect(termsProblems(nameless)).toEqual({});
});

test("repricing begins with the terms as they are", () => {
  const terms = {
    currencyCode: "CNY",
    period: "MONTH" as const,
    flatFee: null,
    allowances: [{ meter: "CHARACTER" as const, included: "100", resets: "MONTH" as const, onExhaustion: "CHARGE" as const }],
    prices: [
      {
        meter: "CHARACTER" as const,
        model: "GRADUATED" as const,
        unit: null,
        packageSize: null,
        tiers: [
          { upTo: "1000", unit: "0.0020", flat: "0" },
          { upTo: null, unit: "0.001", flat: "2.50" },
        ],
      },
    ],
  };
  expect(termsInput(repriceDraft({ nameEn: "Starter", nameZh: "Starter", terms }))).toEqual({
    currency: "CNY",
    period: "MONTH",
    meters: [{ meter: "CHARACTER", included: "100", price: { graduated: [{ upTo: "1000", unit: "0.002" }, { unit: "0.001", flat: "2.5" }] } }],
  });
});

test("what is no whole number is left out of the sample", () => {
  const draft = { ...empty, meters: [{ ...meterDraft("PAGE"), sample: "1,000" }, { ...meterDraft("JOB"), sample: "some" }] };
  expect(sampleUsage(draft)).toEqual([{ meter: "PAGE", quantity: "1000" }]);
});
