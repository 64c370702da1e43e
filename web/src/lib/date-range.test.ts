import { expect, test } from "vitest";
import { isReversed, presetRange, rangeInstants } from "./date-range";

const NOW = new Date("2026-03-02T23:30:00Z");

test("presets count UTC days and include today", () => {
  expect(presetRange("today", NOW)).toEqual({ from: "2026-03-02", until: "2026-03-02" });
  expect(presetRange("week", NOW)).toEqual({ from: "2026-02-24", until: "2026-03-02" });
  expect(presetRange("thisMonth", NOW)).toEqual({ from: "2026-03-01", until: "2026-03-02" });
  expect(presetRange("all", NOW)).toEqual({ from: "", until: "" });
});

test("the last day is included by ending before the next one", () => {
  expect(rangeInstants({ from: "2026-02-28", until: "2026-02-28" })).toEqual({
    from: "2026-02-28T00:00:00Z",
    until: "2026-03-01T00:00:00Z",
  });
  expect(rangeInstants({ from: "", until: "" })).toEqual({ from: null, until: null });
});

test("a range that ends before it begins is told", () => {
  expect(isReversed({ from: "2026-03-02", until: "2026-03-01" })).toBe(true);
  expect(isReversed({ from: "2026-03-02", until: "" })).toBe(false);
});
