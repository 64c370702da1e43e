import { expect, test } from "vitest";
import { countedInstants } from "@/lib/counted-days";
import { days, hours, splitOf, type Totals } from "./series";

const used: Totals = { calls: "3", freeCalls: "1", valueAddedCalls: "2", meters: [{ meter: "CHARACTER", free: "5", valueAdded: "7" }] };

test("days are those of the zone, and empty ones are there", () => {
  const period = { start: "2026-11-23T16:30:00Z", end: "2026-11-26T16:00:00Z" };
  const points = days(period, "Asia/Shanghai", [{ start: "2026-11-24T16:00:00Z", totals: used }]);
  expect(points.map(({ key, totals }) => `${key} ${totals.calls}`)).toEqual(["2026-11-24 0", "2026-11-25 3", "2026-11-26 0"]);
});

test("days that are asked for are those that are drawn", () => {
  for (const zone of ["UTC", "Asia/Shanghai", "America/Los_Angeles", "Asia/Kolkata", "America/St_Johns"]) {
    const { from, until } = countedInstants({ from: "2026-10-31", until: "2026-11-02" }, zone);
    const points = days({ start: from ?? "", end: until ?? "" }, zone, []);
    expect(points.map(({ key }) => key), zone).toEqual(["2026-10-31", "2026-11-01", "2026-11-02"]);
  }
});

test("a day is neither lost nor doubled where clocks change", () => {
  const points = days({ start: "2026-10-24T12:00:00Z", end: "2026-10-27T12:00:00Z" }, "Europe/Berlin", []);
  expect(points.map(({ key }) => key)).toEqual(["2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27"]);
});

test("hours are whole ones of UTC", () => {
  const points = hours({ start: "2026-11-25T09:59:00Z", end: "2026-11-25T12:00:00Z" }, [{ start: "2026-11-25T10:00:00Z", totals: used }]);
  expect(points.map(({ key, totals }) => `${key} ${totals.calls}`)).toEqual([
    "2026-11-25T09:00:00.000Z 0",
    "2026-11-25T10:00:00.000Z 3",
    "2026-11-25T11:00:00.000Z 0",
  ]);
});

test("a measure that was not used is zero", () => {
  expect(splitOf(used, "CALLS")).toEqual({ free: "1", valueAdded: "2" });
  expect(splitOf(used, "CHARACTER")).toMatchObject({ free: "5", valueAdded: "7" });
  expect(splitOf(used, "IMAGE")).toEqual({ free: "0", valueAdded: "0" });
});
