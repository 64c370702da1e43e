import { expect, test } from "vitest";
import { en, type MessageId } from "./en";
import { zh } from "./zh";

const ids = Object.keys(en) as MessageId[];

/** Rich-text tags must match: the page passes a renderer for each. */
function tags(message: string): string[] {
  return (message.match(/<\/?[a-z]+>/g) ?? []).sort();
}

/** Arguments in a plain message; the English plural forms have no counterpart in Chinese. */
function placeholders(message: string): string[] {
  return [...message.matchAll(/\{(\w+)(?=[,}])(?!, plural)/g)].map((match) => match[1] ?? "").sort();
}

test.each(ids)("%s says the same in both languages as far as tags and arguments go", (id) => {
  expect(tags(zh[id])).toEqual(tags(en[id]));
  if (!en[id].includes("plural")) expect(placeholders(zh[id])).toEqual(placeholders(en[id]));
});

test("no message is blank", () => {
  for (const id of ids) expect([en[id].trim(), zh[id].trim()]).not.toContain("");
});
