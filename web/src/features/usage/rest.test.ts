import { expect, test } from "vitest";
import { restOf } from "./rest";

const total = {
  calls: "5",
  freeCalls: "2",
  valueAddedCalls: "3",
  meters: [
    { meter: "CHARACTER", free: "100", valueAdded: "52" },
    { meter: "IMAGE", free: "0", valueAdded: "1" },
  ],
  estimatedCharges: [
    { currencyCode: "CNY", exact: "0.104" },
    { currencyCode: "USD", exact: "1" },
  ],
} as const;

const called = {
  calls: "2",
  freeCalls: "1",
  valueAddedCalls: "1",
  meters: [{ meter: "CHARACTER", free: "100", valueAdded: "50" }],
  estimatedCharges: [{ currencyCode: "CNY", exact: "0.1" }],
} as const;

const drawn = {
  calls: "1",
  freeCalls: "0",
  valueAddedCalls: "1",
  meters: [{ meter: "IMAGE", free: "0", valueAdded: "1" }],
  estimatedCharges: [{ currencyCode: "USD", exact: "1.00" }],
} as const;

test("the rest and the groups make the total, to the last digit", () => {
  expect(restOf(total, [called, drawn])).toEqual({
    calls: "2",
    freeCalls: "1",
    valueAddedCalls: "1",
    meters: [{ meter: "CHARACTER", free: "0", valueAdded: "2" }],
    estimatedCharges: [{ currencyCode: "CNY", exact: "0.004" }],
  });
});

test("where the groups make the total there is no rest", () => {
  expect(restOf(called, [called])).toBeNull();
});
