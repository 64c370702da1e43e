import { expect, test } from "vitest";
import { compareFields } from "./diff";

test("fields are compared by path, whatever side they are on", () => {
  const before = { title: "Old", price: { amount: "1.20" }, gone: true };
  const after = { title: "New", price: { amount: "1.20" }, tags: ["a"] };
  expect(compareFields(before, after)).toEqual([
    { field: "title", before: "Old", after: "New" },
    { field: "price.amount", before: "1.20", after: "1.20" },
    { field: "gone", before: "true", after: null },
    { field: "tags.0", before: null, after: "a" },
  ]);
});

test("null is the same as absent", () => {
  expect(compareFields({ note: null }, {})).toEqual([]);
});
