import { expect, test } from "vitest";
import { EVENT_KINDS } from "./event-kinds";

const SAMPLES = Object.keys(import.meta.glob("../../../../schema/events/*/*.json"));

test("every fact with a golden sample can be chosen", () => {
  const kinds = SAMPLES.map((path) => /([a-z_]+)\.v\d/.exec(path)?.[1]).filter((kind) => kind !== undefined);
  expect(kinds.length).toBeGreaterThan(20);
  expect(kinds.filter((kind) => !EVENT_KINDS.includes(kind))).toEqual([]);
});
