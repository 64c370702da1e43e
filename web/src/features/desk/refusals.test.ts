import { expect, test } from "vitest";
import { CATALOGUES } from "@/messages";
import { KNOWN_CODES } from "./refusals";

test("every refusal that is led to a field has words in the catalogue", async () => {
  const messages = await CATALOGUES.sell.en();
  expect(KNOWN_CODES.filter((code) => !(`sell.error.${code}` in messages))).toEqual([]);
});
