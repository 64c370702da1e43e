import { expect, test } from "vitest";
import { isReversed, presetRange, rangeInstants } from "./date-range";

const NOW = new Date("2026-03-02T23:30:00Z");

test("presets count days and include the zone's today", () => {
  expect(presetRange("today", NOW, "UTC")).toEqual({ from: "2026-03-02", until: "2026-03-02" });
  expect(presetRange("today", NOW, "Asia/Shanghai")).toEqual({ from: "2026-03-03", until: "2026-03-03" });
  expect(presetRange("week", NOW, "UTC")).toEqual({ from: "2026-02-24", until: "2026-03-02" });
  expect(presetRange("thisMonth", NOW, "America/New_York")).toEqual({ from: "2026-03-01", until: "2026-03-02" });
  expect(presetRange("all", NOW, "UTC")).toEqual({ from: "", until: "" });
});

test("the last day is included by ending before the next one", () => {
  const day = { from: "2026-02-28", until: "2026-02-28" };
  expect(rangeInstants(day, "UTC")).toEqual({ from: "2026-02-28T00:00:00Z", until: "2026-03-01T00:00:00Z" });
  expect(rangeInstants(day, "Asia/Shanghai")).toEqual({ from: "2026-02-27T16:00:00Z", until: "2026-02-28T16:00:00Z" });
  expect(rangeInstants(day, "Asia/Kolkata")).toEqual({ from: "2026-02-27T18:30:00Z", until: "2026-02-28T18:30:00Z" });
  expect(rangeInstants({ from: "", until: "" }, "UTC")).toEqual({ from: null, until: null });
  expect(rangeInstants({ from: "never", until: "2026-02-30x" }, "UTC")).toEqual({ from: null, until: null });
});

test("a day on which the clock changes begins and ends where its zone says", () => {
  const spring = { from: "2026-03-08", until: "2026-03-08" };
  expect(rangeInstants(spring, "America/New_York")).toEqual({ from: "2026-03-08T05:00:00Z", until: "2026-03-09T04:00:00Z" });
  const autumn = { from: "2026-11-01", until: "2026-11-01" };
  expect(rangeInstants(autumn, "America/New_York")).toEqual({ from: "2026-11-01T04:00:00Z", until: "2026-11-02T05:00:00Z" });
});

test("a day without midnight begins at its first instant, and one whose midnight comes twice after the day before", () => {
  // In Santiago clocks go from 24:00 on to 01:00 in September, and in April from 24:00 back to 23:00.
  expect(rangeInstants({ from: "2026-09-06", until: "" }, "America/Santiago").from).toBe("2026-09-06T04:00:00Z");
  expect(rangeInstants({ from: "2026-04-05", until: "" }, "America/Santiago").from).toBe("2026-04-05T04:00:00Z");
});

test("a range that ends before it begins is told", () => {
  expect(isReversed({ from: "2026-03-02", until: "2026-03-01" })).toBe(true);
  expect(isReversed({ from: "2026-03-02", until: "" })).toBe(false);
});
