import { expect, test } from "vitest";
import { contrast } from "./contrast";

test("the ends of the scale, either way round", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#FFFFFF", "#ffffff")).toBeCloseTo(1, 5);
});

test("a known value: #767676 is the lightest grey that text may have on white", () => {
  expect(contrast("#767676", "#ffffff")).toBeGreaterThanOrEqual(4.5);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
});

test("what is no colour has no contrast", () => {
  expect(contrast("red", "#ffffff")).toBeNull();
  expect(contrast("#12345", "#ffffff")).toBeNull();
});
