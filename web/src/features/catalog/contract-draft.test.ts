import { expect, test } from "vitest";
import { readContract, type ContractDraft } from "./contract-draft";

const TEXT = { type: "object", properties: { text: { type: "string", maxLength: 9 } }, required: ["text"], additionalProperties: false };

const GOOD: ContractDraft = {
  summary: { en: "Says it again.", zh: "" },
  meter: "CHARACTER",
  count: "characters",
  pointers: "/text",
  inputSchema: JSON.stringify(TEXT),
  outputSchema: JSON.stringify(TEXT),
  examples: JSON.stringify([{ input: { text: "a" }, output: { text: "a" } }]),
};

function kinds(change: Partial<ContractDraft>): string[] {
  return readContract({ ...GOOD, ...change }).problems.map(({ field, kind }) => `${field} ${kind}`);
}

test("a whole contract becomes the mutation's input", () => {
  expect(readContract(GOOD)).toEqual({
    problems: [],
    input: {
      summary: { en: "Says it again." },
      meter: "CHARACTER",
      countCharactersAt: ["/text"],
      inputSchema: TEXT,
      outputSchema: TEXT,
      examples: [{ input: { text: "a" }, output: { text: "a" } }],
    },
  });
});

test.each<[string, Partial<ContractDraft>]>([
  ["summary empty", { summary: { en: " ", zh: "" } }],
  ["summary tooLong", { summary: { en: "x".repeat(1_001), zh: "" } }],
  ["inputSchema syntax", { inputSchema: '{"type": ' }],
  ["inputSchema notObject", { inputSchema: "[]" }],
  ["outputSchema tooLarge", { outputSchema: JSON.stringify({ description: "x".repeat(70_000) }) }],
  ["outputSchema notSchema", { outputSchema: '{"$ref": "#/$defs/missing"}' }],
  ["examples notExamples", { examples: '[{"input": 1}]' }],
  ["examples exampleCount", { examples: "[]" }],
  ["examples exampleInput", { examples: '[{"input": {}, "output": {"text": "a"}}]' }],
  ["examples exampleOutput", { examples: '[{"input": {"text": "a"}, "output": {"text": "0123456789"}}]' }],
  ["pointers pointer", { pointers: "text" }],
  ["pointers pointerCount", { pointers: "" }],
  ["pointers uncountable", { count: "items" }],
])("%s is told", (told, change) => {
  expect(kinds(change)).toContain(told);
});

test("where JSON breaks is told by line and column", () => {
  const [first] = readContract({ ...GOOD, inputSchema: '{\n  "type": oops\n}' }).problems;
  expect(first?.values).toEqual({ line: 2, column: 11 });
});

test("a pointer is no matter where one is counted per call", () => {
  expect(kinds({ count: "one", pointers: "nonsense" })).toEqual([]);
});
