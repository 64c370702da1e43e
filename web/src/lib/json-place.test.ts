import { expect, test } from "vitest";
import { jsonBreak } from "./json-place";

test.each(['{"a": [1, -2.5e3, true, null, "x\\n\\u00e9"], "b": {}}', " [] ", '"text"', "0"])("%s is JSON", (text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(jsonBreak(text)).toBeNull();
});

test.each<[string, number, number]>([
  ['{\n  "type": oops\n}', 2, 11],
  ['{"a": 1,}', 1, 9],
  ["[1 2]", 1, 4],
  ['{"a" 1}', 1, 6],
  ['{"a": "open', 1, 12],
  ["", 1, 1],
  ["01", 1, 2],
  ["[1]\n]", 2, 1],
])("%j breaks at line %d, column %d", (text, line, column) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonBreak(text)).toEqual({ line, column });
});
