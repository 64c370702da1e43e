import { expect, test } from "vitest";
import type { Terms } from "./terms";
import { termsInput } from "./terms-input";

const TERMS: Terms = {
  currencyCode: "CNY",
  period: "MONTH",
  flatFee: "99",
  allowances: [
    { meter: "ROW", included: "10000", resets: "MONTH", onExhaustion: "CHARGE" },
    { meter: "REQUEST", included: "5", resets: "MONTH", onExhaustion: "STOP" },
  ],
  prices: [
    { meter: "ROW", model: "GRADUATED", unit: null, packageSize: null, tiers: [{ upTo: "100000", unit: "0.0005", flat: "0" }, { upTo: null, unit: "0.0002", flat: "1" }] },
    { meter: "IMAGE", model: "PACKAGE", unit: "5", packageSize: "100", tiers: [] },
  ],
};

test("terms come back with each meter once, free or charged or both", () => {
  expect(termsInput(TERMS)).toEqual({
    currency: "CNY",
    period: "MONTH",
    flatFee: "99",
    meters: [
      { meter: "ROW", included: "10000", price: { graduated: [{ upTo: "100000", unit: "0.0005", flat: "0" }, { unit: "0.0002", flat: "1" }] } },
      { meter: "REQUEST", included: "5" },
      { meter: "IMAGE", price: { package: { size: "100", price: "5" } } },
    ],
  });
});
