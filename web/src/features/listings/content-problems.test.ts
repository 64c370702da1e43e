import { expect, test } from "vitest";
import { contentDraft, contentInput, EMPTY_CONTENT, type ContentDraft } from "./content-draft";
import { contentProblems } from "./content-problems";

const named: ContentDraft = { ...EMPTY_CONTENT, slug: "a-b", name: { en: "A", zh: "" }, summary: { en: "", zh: "甲" } };

test("an empty model is told all that it lacks", () => {
  expect(Object.keys(contentProblems("MODEL", EMPTY_CONTENT, true)).sort()).toEqual(["capabilities", "endpoint", "name", "slug", "summary"]);
});

test("endpoints: one placeholder, not in the host, no credentials", () => {
  const problem = (endpoint: string) => contentProblems("MODEL", { ...named, capabilities: ["ocr"], endpoint }, true).endpoint;
  expect(problem("https://api.example.com/v1/{capability}")).toBeUndefined();
  expect(problem("http://localhost:9000/{capability}?x=1")).toBeUndefined();
  for (const wrong of ["https://{capability}.example.com/", "https://example.com/{slug}", "https://u:p@example.com/", "api.example.com", ""]) {
    expect(problem(wrong), wrong).toEqual({ id: "sell.listing.endpoint.wrong" });
  }
});

test("downloads: an address or a plain path on the platform", () => {
  const dataset = { ...named, bytes: "1", rows: "1", sha256: "A".repeat(64), provenance: { en: "x", zh: "" } };
  const problem = (downloadUrl: string) => contentProblems("DATASET", { ...dataset, downloadUrl }, true).downloadUrl;
  expect(["/data/a.csv", "https://example.com/a.csv"].map(problem)).toEqual([undefined, undefined]);
  expect(["//evil.example/a", "/a/../b", "a.csv", "/a b"].every((each) => problem(each) !== undefined)).toBe(true);
});

test("counts are whole and in bounds", () => {
  const problem = (chipCount: string) => contentProblems("COMPUTE_TIER", { ...named, chip: "H", memoryGib: "80", chipCount }, false).chipCount;
  expect(problem("1,024")).toBeUndefined();
  expect(["0", "1.5", "many", "2147483648"].every((each) => problem(each) !== undefined)).toBe(true);
});

test("only the kind's own fields are sent, and blank ones are left out", () => {
  const model = { ...named, endpoint: " https://example.com/ ", capabilities: ["ocr"], chip: "H" };
  expect(contentInput("MODEL", model)).toEqual({
    name: { en: "A" },
    summary: { zh: "甲" },
    capabilities: ["ocr"],
    details: { model: { endpoint: "https://example.com/", placement: "CLOUD", isRepeatable: false } },
  });
});

test("what was read back is what was written", () => {
  const workingVersion = {
    nameEn: "A", nameZh: "A", summaryEn: "甲", summaryZh: "甲", licence: null, capabilities: [{ id: "1", slug: "ocr", meter: "PAGE" as const, contract: null }],
    dataset: null, computeTier: null, solution: null,
    model: { endpoint: "https://example.com/", framework: null, placement: "EDGE" as const, isRepeatable: true },
  };
  const draft = contentDraft({ slug: "a-b", workingVersion });
  expect(draft).toEqual({ ...named, capabilities: ["ocr"], endpoint: "https://example.com/", placement: "EDGE", isRepeatable: true });
});
