import { expect, test } from "vitest";
import { basisPointsOf, formatBasisPoints, percentOf } from "./basis-points";

test.each([
  [0, "0%"],
  [5, "0.05%"],
  [525, "5.25%"],
  [1000, "10%"],
  [10000, "100%"],
])("%d basis points are %s", (points, percent) => {
  expect(formatBasisPoints(points)).toBe(percent);
});

test.each(["0", "0.05", "5.25", "10", "100"])("%s percent come back as they were typed", (typed) => {
  expect(percentOf(basisPointsOf(typed) ?? -1)).toBe(typed);
});

test.each(["", "x", "-1", "100.01", "5.255"])("%j is no rate", (typed) => {
  expect(basisPointsOf(typed)).toBeNull();
});

test("full-width digits are read", () => {
  expect(basisPointsOf("１２.５")).toBe(1250);
});
