import { expect, test } from "vitest";
import { compareFields } from "@/lib/diff";
import { comparable, namedPaths } from "./content";

const PUBLISHED = {
  nameEn: "Segmenter",
  nameZh: "分词",
  summaryEn: "Splits text.",
  summaryZh: "切分文本。",
  licence: "MIT",
  capabilities: [
    { slug: "b", name: "B" },
    { slug: "a", name: "A" },
  ],
  dataset: null,
  model: { __typename: "ModelDetails", endpoint: "http://one", framework: null, placement: "CLOUD" as const, isRepeatable: true },
  computeTier: null,
  solution: null,
};

function changed(after: typeof PUBLISHED): string[] {
  return compareFields(comparable(PUBLISHED), comparable(after))
    .filter((each) => each.before !== each.after)
    .map(({ field }) => field);
}

test("the order of capabilities is no difference", () => {
  expect(changed({ ...PUBLISHED, capabilities: [...PUBLISHED.capabilities].reverse() })).toEqual([]);
});

test("a capability that comes and one that goes are a difference each", () => {
  expect(changed({ ...PUBLISHED, capabilities: [{ slug: "a", name: "A" }, { slug: "c", name: "C" }] })).toEqual(["capability.b", "capability.c"]);
});

test("another endpoint shows at its own field", () => {
  expect(changed({ ...PUBLISHED, model: { ...PUBLISHED.model, endpoint: "http://two" } })).toEqual(["model.endpoint"]);
});

test("capabilities of either version are named", () => {
  const { capabilities } = namedPaths(null, PUBLISHED, { ...PUBLISHED, capabilities: [{ slug: "c", name: "C" }] });
  expect([...capabilities.keys()]).toEqual(["b", "a", "c"]);
});
