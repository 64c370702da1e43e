import { expect, test } from "vitest";
import { chargeOf, dayIn, everyDay } from "./days";

const totals = { calls: "3", freeCalls: "1", valueAddedCalls: "2", meters: [], estimatedCharges: [{ currencyCode: "CNY", exact: "0.094" }] };

test("days without use are there, at nothing", () => {
  const period = { start: "2026-11-23T16:30:00Z", end: "2026-11-25T16:00:00Z" };
  const days = everyDay([{ start: "2026-11-24T16:00:00Z", totals }], period, "Asia/Shanghai");
  expect(days.map(({ day, totals: used }) => [day, used?.calls ?? "0"])).toEqual([
    ["2026-11-24", "0"],
    ["2026-11-25", "3"],
  ]);
});

test("a day is of the organization's time zone", () => {
  expect(dayIn("2026-11-24T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-25");
  expect(dayIn("2026-11-24T16:00:00Z", "UTC")).toBe("2026-11-24");
});

test("very long periods show only days with use", () => {
  const period = { start: "2000-01-01T00:00:00Z", end: "2026-11-26T00:00:00Z" };
  expect(everyDay([{ start: "2026-11-24T00:00:00Z", totals }], period, "UTC")).toEqual([{ day: "2026-11-24", totals }]);
});

test("charges are by currency", () => {
  expect(chargeOf({ day: "2026-11-24", totals }, "CNY")).toBe("0.094");
  expect(chargeOf({ day: "2026-11-24", totals }, "USD")).toBe("0");
  expect(chargeOf({ day: "2026-11-24", totals: null }, "CNY")).toBe("0");
});

test("where days begin at half past, they are those that the hours count to", () => {
  const period = { start: "2026-11-23T18:00:00Z", end: "2026-11-25T18:00:00Z" };
  const days = everyDay([{ start: "2026-11-24T18:30:00Z", totals }], period, "Asia/Kolkata");
  expect(days.map(({ day, totals: used }) => [day, used?.calls ?? "0"])).toEqual([
    ["2026-11-24", "0"],
    ["2026-11-25", "3"],
  ]);
});
