import { expect, test } from "vitest";
import { CATALOGUES, type Area } from ".";

const areas = Object.keys(CATALOGUES) as Area[];

/** Rich-text tags must match: the page passes a renderer for each. */
function tags(message: string): string[] {
  return (message.match(/<\/?[a-z]+>/g) ?? []).sort();
}

/** Arguments in a plain message; the English plural forms have no counterpart in Chinese. */
function placeholders(message: string): string[] {
  return [...message.matchAll(/\{(\w+)(?=[,}])(?!, plural)/g)].map((match) => match[1] ?? "").sort();
}

test.each(areas)("%s says the same in both languages as far as ids, tags and arguments go", async (area) => {
  const [en, zh] = await Promise.all([CATALOGUES[area].en(), CATALOGUES[area].zh()]);
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [id, english] of Object.entries(en)) {
    const chinese = zh[id] ?? "";
    expect([english.trim(), chinese.trim()], id).not.toContain("");
    expect(tags(chinese), id).toEqual(tags(english));
    if (!english.includes("plural") && !english.includes("select")) {
      expect(placeholders(chinese), id).toEqual(placeholders(english));
    }
  }
});

test("no two areas use one id", async () => {
  const ids = (await Promise.all(areas.map((area) => CATALOGUES[area].en()))).flatMap(Object.keys);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
