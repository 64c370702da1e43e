import { expect, test } from "vitest";
import { CATALOGUES } from "@/messages";
import { CHECK_STEPS, checklist, furthest, isComplete, type OnItsWay } from "./checklist";

const drafted: OnItsWay = {
  id: "lst_1",
  slug: "ocr",
  kind: "MODEL",
  state: "DRAFT",
  name: "OCR",
  isInReview: false,
  reviewNote: null,
  offers: { totalCount: "0" },
  version: null,
  probe: null,
};
const store = { slug: "works" };
const states = (...given: Parameters<typeof checklist>) => checklist(...given).map(({ id, state }) => `${id} ${state}`);

test("without a store everything else is blocked", () => {
  expect(states(null, null)).toEqual(["store next", "draft blocked", "probe blocked", "offer blocked", "submit blocked", "approve later"]);
});

test("a drafted model is probed next, and can't be submitted before it passed", () => {
  expect(states(store, drafted)).toEqual(["store done", "draft done", "probe next", "offer later", "submit blocked", "approve later"]);
  expect(checklist(store, { ...drafted, probe: { hasPassed: false } })[2]?.reason).toBe("sell.check.probe.failed");
});

test("what has no endpoint needs no probe", () => {
  expect(states(store, { ...drafted, kind: "DATASET" })).toEqual(["store done", "draft done", "probe done", "offer next", "submit later", "approve later"]);
});

test("requested changes lead back to submitting, with the note", () => {
  const asked = { ...drafted, probe: { hasPassed: true }, offers: { totalCount: "1" }, reviewNote: "Say more" };
  expect(checklist(store, asked)[4]).toEqual({ id: "submit", state: "next", reason: "sell.check.submit.changes", values: { note: "Say more" } });
});

test("on the market with an offer nothing is left", () => {
  const published: OnItsWay = { ...drafted, state: "PUBLISHED", offers: { totalCount: "2" }, version: { publishedAt: "2026-11-25T00:00:00Z" } };
  expect(isComplete(checklist(store, published))).toBe(true);
  expect(isComplete(checklist(store, { ...published, offers: { totalCount: "0" } }))).toBe(false);
});

test("the steps follow the listing that has come furthest", () => {
  const inReview = { ...drafted, id: "lst_2", state: "IN_REVIEW" as const, isInReview: true };
  const retired = { ...drafted, id: "lst_3", state: "RETIRED" as const };
  expect(furthest([drafted, inReview, retired])?.id).toBe("lst_2");
  expect(furthest([retired])).toBeNull();
});

test("every step has its words", async () => {
  const messages = await CATALOGUES.sell.en();
  expect(CHECK_STEPS.filter((step) => !(`sell.check.${step}` in messages && `sell.check.${step}.action` in messages))).toEqual([]);
});
