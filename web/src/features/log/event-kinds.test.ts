import { expect, test } from "vitest";
import { eventKinds } from "./event-kinds";

test("kinds are named once each, without version or variant", () => {
  expect(eventKinds).toContain("invoice_issued");
  expect(eventKinds).toContain("listing_revised");
  expect(eventKinds).toContain("usage_recorded");
  expect(eventKinds).toEqual([...new Set(eventKinds)]);
  expect(eventKinds.filter((kind) => !/^[a-z_]+$/.test(kind))).toEqual([]);
});
