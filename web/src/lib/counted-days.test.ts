import { expect, test } from "vitest";
import { countedAt, countedFrom, countedInstants, countedPeriod } from "./counted-days";
import { presetRange } from "./date-range";

const DAY = { from: "2026-02-28", until: "2026-02-28" };

test("days that begin within an hour are counted from its start", () => {
  expect(countedInstants(DAY, "Asia/Kolkata")).toEqual({ from: "2026-02-27T18:00:00Z", until: "2026-02-28T18:00:00Z" });
  expect(countedInstants(DAY, "Asia/Kathmandu")).toEqual({ from: "2026-02-27T18:00:00Z", until: "2026-02-28T18:00:00Z" });
  expect(countedInstants(DAY, "America/St_Johns")).toEqual({ from: "2026-02-28T03:00:00Z", until: "2026-03-01T03:00:00Z" });
  expect(countedInstants({ from: "", until: "" }, "Asia/Kolkata")).toEqual({ from: null, until: null });
});

test("days that begin on the hour are counted as they are", () => {
  expect(countedInstants(DAY, "Asia/Shanghai")).toEqual({ from: "2026-02-27T16:00:00Z", until: "2026-02-28T16:00:00Z" });
});

test("it is told when days are not counted from midnight", () => {
  const start = (zone: string) => countedFrom("2026-02-28T12:34:56Z", zone);
  expect(["UTC", "Asia/Shanghai", "America/New_York"].map(start)).toEqual([null, null, null]);
  expect(["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"].map(start)).toEqual(["23:30", "23:45", "23:30"]);
  expect(["2026-01-15", "2026-07-15"].map((day) => countedFrom(`${day}T00:00:00Z`, "Australia/Lord_Howe"))).toEqual([null, "23:30"]);
});

test("what is used now counts to today", () => {
  const now = new Date("2026-02-28T18:10:00Z");
  expect(presetRange("today", countedAt(now), "Asia/Kolkata")).toEqual({ from: "2026-03-01", until: "2026-03-01" });
  expect(presetRange("today", countedAt(now), "Asia/Shanghai")).toEqual(presetRange("today", now, "Asia/Shanghai"));
});

test("a period is of the days that its hours count to", () => {
  expect(countedPeriod({ start: "2026-02-27T18:00:00Z", end: "2026-02-28T18:00:00Z" })).toEqual({
    start: "2026-02-27T18:59:59.999Z",
    end: "2026-02-28T18:00:00Z",
  });
  expect(countedPeriod({ start: "2026-02-27T18:30:00Z", end: "2026-02-28T18:10:00Z" }).end).toBe("2026-02-28T19:00:00Z");
});
