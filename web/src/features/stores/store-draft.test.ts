import { expect, test } from "vitest";
import { isAddress, isSlug, slugOf, storeDraft, storePageInput, storeProblems } from "./store-draft";

test("a new store begins with the organization's name, in the language it is written in", () => {
  const draft = storeDraft(null, "Reference Works 参考工坊");
  expect(draft.slug).toBe("reference-works");
  expect(draft.name).toEqual({ en: "", zh: "Reference Works 参考工坊" });
});

test("address names are as the platform wants them", () => {
  expect(["ab", "a-1", "reference-works"].every(isSlug)).toBe(true);
  expect(["a", "-ab", "ab-", "a--b", "A-b", "店铺", "a".repeat(65)].some(isSlug)).toBe(false);
  expect(slugOf("Süd & West, Inc.")).toBe("su-d-west-inc");
  expect(slugOf("参考工坊")).toBe("");
});

test("only https addresses without credentials and fragment pass as websites", () => {
  const https = { max: 300, isPlainAllowed: false };
  expect(isAddress("https://example.com/a?b=c", https)).toBe(true);
  for (const text of ["http://example.com", "example.com", "https://u@example.com", "https://example.com/#a", "javascript:alert(1)", "https://例子.com/"]) {
    expect(isAddress(text, https), text).toBe(false);
  }
  expect(isAddress("http://example.com", { max: 300, isPlainAllowed: true })).toBe(true);
});

test("what is left empty is not sent, and what is needed is asked for", () => {
  const draft = { slug: "x", name: { en: "A", zh: "" }, description: { en: "", zh: "" }, kind: "COMMUNITY" as const, website: " ", accent: "" };
  expect(storePageInput(draft)).toEqual({ name: { en: "A" }, description: {}, kind: "COMMUNITY" });
  expect(storeProblems(draft)).toEqual({ slug: true, name: null, description: "empty", website: false, accent: false });
  expect(storePageInput({ ...draft, accent: "#AABBCC" })).toMatchObject({ accent: "#aabbcc" });
  expect(storeProblems({ ...draft, accent: "teal" }).accent).toBe(true);
});
