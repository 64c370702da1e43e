import { describe, expect, test } from "vitest";
import { usageEn } from "@/messages/usage.en";
import { callerName } from "./caller-name";

const say = (id: string) => (usageEn as Record<string, string>)[id] ?? "";
const MEMBER = "mem_01kb8v4m9hf0vtq5r1c2d3e4fg";
const KEY = "key_01kb8v4m9hf0vtq5r1c2d3e4fg";

describe("a caller without a name", () => {
  test("is an erased person where a person called", () => {
    expect(callerName({ key: MEMBER, label: null }, say, "CALL")).toBe(`Erased person · ${MEMBER}`);
  });

  test("is of the seller where a person reported", () => {
    expect(callerName({ key: MEMBER, label: null }, say, "REPORT")).toBe(`Seller’s member · ${MEMBER}`);
  });

  test("may be either in a sum", () => {
    expect(callerName({ key: MEMBER, label: null }, say)).toBe(`Erased person or seller’s member · ${MEMBER}`);
  });

  test.each([KEY, "visitor"])("is nobody erased where it is no person (%s)", (key) => {
    for (const kind of ["CALL", "REPORT", undefined] as const) expect(callerName({ key, label: null }, say, kind)).toBe(key);
  });
});

test("a caller goes by its name as long as that is told", () => {
  for (const key of [MEMBER, KEY]) expect(callerName({ key, label: "Ada" }, say, "CALL")).toBe("Ada");
});
