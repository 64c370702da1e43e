import { expect, test } from "vitest";
import { dayOf, given, oneOf, textOf } from "./search";

test("what was typed into the address is read strictly", () => {
  expect([textOf("a"), textOf(""), textOf(12), textOf({}), textOf("x".repeat(401))]).toEqual(["a", undefined, "12", undefined, undefined]);
  expect([oneOf(["A", "B"], "B"), oneOf(["A"], "toString")]).toEqual(["B", undefined]);
  expect([dayOf("2026-02-28"), dayOf("2026-2-8"), dayOf("2026-99-01")]).toEqual(["2026-02-28", undefined, undefined]);
  expect(given({ a: 1, b: undefined })).toEqual({ a: 1 });
});
