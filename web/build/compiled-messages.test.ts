import { parse } from "@formatjs/icu-messageformat-parser";
import { expect, test } from "vitest";
import { compiled } from "./compiled-messages";

const CODE = `({ text: "plain", asked: "{n, number}" })`;

function property(value: string, text: string) {
  const start = CODE.indexOf(text);
  return { type: "Property", value: { type: "Literal", start, end: start + text.length, value } };
}

test("plain text stays text, and what has arguments becomes what the parser makes of it", () => {
  const program = { type: "Program", body: [property("plain", '"plain"'), property("{n, number}", '"{n, number}"')] };
  const made = new Function(`return ${compiled(CODE, program)}`)() as { text: unknown; asked: unknown };
  expect(made.text).toBe("plain");
  expect(made.asked).toEqual(parse("{n, number}"));
});
