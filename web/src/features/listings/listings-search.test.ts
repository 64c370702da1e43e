import { expect, test } from "vitest";
import { listingsVariables, validateListings } from "./listings-search";

test("what an address holds and the list doesn't know is dropped", () => {
  expect(validateListings({ kind: "CAT", meter: "ROW", price: "1e9", currency: "yen", q: "", free: "yes", size: 7 })).toEqual({ meter: "ROW" });
});

test("an address survives being read", () => {
  const search = { q: "分词", kind: "MODEL", publisher: "COMMUNITY", free: true, answering: false, price: "0.002", currency: "CNY", order: "PRICE", size: 50 } as const;
  expect(validateListings({ ...search })).toEqual(search);
});

test("a number in the address is the text it was", () => {
  expect(validateListings({ q: 228, price: 0.5 })).toEqual({ q: "228", price: "0.5" });
});

test("prices are compared in one currency, and only where prices are asked for", () => {
  expect(listingsVariables({ kind: "MODEL" }).filter).toEqual({ kind: "MODEL" });
  expect(listingsVariables({ order: "PRICE" }).filter).toEqual({ currencyCode: "CNY" });
  expect(listingsVariables({ price: "1", currency: "EUR" }).filter).toEqual({ priceMax: "1", currencyCode: "EUR" });
});
