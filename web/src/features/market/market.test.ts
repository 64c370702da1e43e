import { expect, test } from "vitest";
import { dataOf, QueryFailure } from "../../lib/graphql";
import { parseMarket } from "./market";

function answer() {
  return {
    capabilities: { totalCount: "228" },
    categories: [
      { id: "nlp", name: "Language", nameZh: "语言", capabilityCount: 30, answeredCount: 12 },
      { id: "ocr", name: "OCR", nameZh: "文字识别", capabilityCount: 34, answeredCount: 1 },
    ],
    listings: {
      totalCount: 1,
      nodes: [{ slug: "a", kind: "MODEL", name: "A", nameZh: "甲", provider: { name: "P" } }],
    },
  };
}

function kindOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof QueryFailure) return error.kind;
  }
  return "none";
}

test("counts arrive as numbers or as strings and add up over the categories", () => {
  const market = parseMarket(answer());
  expect(market.capabilityCount).toBe(228);
  expect(market.listingCount).toBe(1);
  expect(market.answeredCount).toBe(13);
});

test("names come in both languages", () => {
  expect(parseMarket(answer()).listings[0]?.names).toEqual({ en: "A", zh: "甲" });
});

test.each([null, [], {}, { ...answer(), categories: {} }, { ...answer(), capabilities: { totalCount: "12.5" } }])(
  "an answer of another shape is refused (%#)",
  (data) => {
    expect(kindOf(() => parseMarket(data))).toBe("shape");
  },
);

test("a category can't answer more capabilities than it has", () => {
  const data = answer();
  data.categories[0]!.answeredCount = 31;
  expect(kindOf(() => parseMarket(data))).toBe("shape");
});

test("a listing of an unknown kind is refused", () => {
  const data = answer();
  data.listings.nodes[0]!.kind = "YACHT";
  expect(kindOf(() => parseMarket(data))).toBe("shape");
});

test("an answer with errors counts as failed even with data beside them", () => {
  expect(kindOf(() => dataOf({ data: answer(), errors: [{ message: "no" }] }))).toBe("errors");
  expect(dataOf({ data: 1, errors: [] })).toBe(1);
});
