import { expect, test } from "vitest";
import { dueOf } from "./due";

const issued = { state: "ISSUED", total: { amount: "0.11" }, dueAt: "2026-12-30T00:00:00Z" } as const;

test("what is owed is due, a void invoice and a credit are not", () => {
  expect(dueOf(issued)).toBe(issued.dueAt);
  expect(dueOf({ ...issued, state: "VOID" })).toBeNull();
  expect(dueOf({ ...issued, total: { amount: "-0.85" } })).toBeNull();
  expect(dueOf({ state: "DRAFT", total: null, dueAt: null })).toBeNull();
});
