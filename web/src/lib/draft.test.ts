import { beforeEach, expect, test, vi } from "vitest";
import { readDraft } from "./draft";

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => stored.get(key) ?? null });
});

const initial = { name: "", tiers: [] as string[], price: null as string | null };

test("a draft of the same form is given back", () => {
  stored.set("store", JSON.stringify({ name: "A", tiers: ["1"], price: null }));
  expect(readDraft("store", initial)).toEqual({ name: "A", tiers: ["1"], price: null });
});

test("fields of an older form are passed over where they no longer fit", () => {
  stored.set("store", JSON.stringify({ name: 3, tiers: ["1"], gone: true }));
  expect(readDraft("store", initial)).toEqual({ tiers: ["1"] });
});

test("a damaged draft and none at all are nothing", () => {
  for (const text of ["{", "null", "3", '"a"']) {
    stored.set("store", text);
    expect(readDraft("store", initial), text).toEqual({});
  }
});
