// What stands between an organization and its first sale: each step with where it stands and why.
import type { MessageId } from "@/messages";

/** A listing as far as the way to the market is concerned. */
export interface OnItsWay {
  id: string;
  slug: string;
  kind: "DATASET" | "MODEL" | "COMPUTE_TIER" | "SOLUTION";
  state: "DRAFT" | "IN_REVIEW" | "PUBLISHED" | "DEPRECATED" | "RETIRED";
  name: string;
  isInReview: boolean | null;
  reviewNote: string | null;
  offers: { totalCount: string };
  version: { publishedAt: string } | null;
  /** The last probe of its endpoint; null where there was none. */
  probe: { hasPassed: boolean } | null;
}

export const CHECK_STEPS = ["store", "draft", "probe", "offer", "submit", "approve"] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

export interface Check {
  id: CheckStep;
  state: "done" | "next" | "blocked" | "later";
  reason: MessageId;
  values?: Record<string, string | number>;
}

/** The listing that has come furthest; of equals the one that comes first. */
export function furthest(listings: readonly OnItsWay[]): OnItsWay | null {
  const alive = listings.filter(({ state }) => state !== "RETIRED");
  return alive.reduce<OnItsWay | null>((best, each) => (best === null || progress(each) > progress(best) ? each : best), null);
}

function progress({ state, isInReview, offers, probe }: OnItsWay): number {
  const isOnMarket = state === "PUBLISHED" || state === "DEPRECATED";
  const made = (offers.totalCount === "0" ? 0 : 1) + (probe?.hasPassed === true ? 1 : 0);
  return (isOnMarket ? 8 : isInReview === true ? 4 : 0) + made;
}

/** The steps in order. The first that can be done is next; what follows waits, or is blocked by what it needs. */
export function checklist(store: { slug: string } | null, listing: OnItsWay | null): Check[] {
  const checks = [storeCheck(store), draftCheck(store, listing), ...(listing === null ? unstarted() : started(listing))];
  const next = checks.findIndex(({ state }) => state === "next");
  return checks.map((check, index) => (check.state === "next" && index !== next ? { ...check, state: "later" } : check));
}

function storeCheck(store: { slug: string } | null): Check {
  if (store === null) return { id: "store", state: "next", reason: "sell.check.store.todo" };
  return { id: "store", state: "done", reason: "sell.check.store.done", values: { slug: store.slug } };
}

function draftCheck(store: object | null, listing: OnItsWay | null): Check {
  if (listing !== null) return { id: "draft", state: "done", reason: "sell.check.draft.done", values: { name: listing.name } };
  if (store === null) return { id: "draft", state: "blocked", reason: "sell.check.draft.blocked" };
  return { id: "draft", state: "next", reason: "sell.check.draft.todo" };
}

function unstarted(): Check[] {
  return [
    { id: "probe", state: "blocked", reason: "sell.check.probe.blocked" },
    { id: "offer", state: "blocked", reason: "sell.check.offer.blocked" },
    { id: "submit", state: "blocked", reason: "sell.check.submit.blocked" },
    { id: "approve", state: "later", reason: "sell.check.approve.later" },
  ];
}

function started(listing: OnItsWay): Check[] {
  return [probeCheck(listing), offerCheck(listing), submitCheck(listing), approveCheck(listing)];
}

function isThrough({ state }: OnItsWay): boolean {
  return state === "PUBLISHED" || state === "DEPRECATED";
}

function isProbed(listing: OnItsWay): boolean {
  return listing.kind !== "MODEL" || isThrough(listing) || listing.probe?.hasPassed === true;
}

function probeCheck(listing: OnItsWay): Check {
  if (listing.kind !== "MODEL") return { id: "probe", state: "done", reason: "sell.check.probe.none" };
  if (isProbed(listing)) return { id: "probe", state: "done", reason: "sell.check.probe.done" };
  return { id: "probe", state: "next", reason: listing.probe === null ? "sell.check.probe.todo" : "sell.check.probe.failed" };
}

function offerCheck({ offers }: OnItsWay): Check {
  const count = Number(offers.totalCount);
  if (count === 0) return { id: "offer", state: "next", reason: "sell.check.offer.todo" };
  return { id: "offer", state: "done", reason: "sell.check.offer.done", values: { count } };
}

function submitCheck(listing: OnItsWay): Check {
  if (isThrough(listing) || listing.isInReview === true) return { id: "submit", state: "done", reason: "sell.check.submit.done" };
  if (listing.reviewNote !== null) {
    return { id: "submit", state: "next", reason: "sell.check.submit.changes", values: { note: listing.reviewNote } };
  }
  if (!isProbed(listing)) return { id: "submit", state: "blocked", reason: "sell.check.submit.probe" };
  return { id: "submit", state: "next", reason: "sell.check.submit.todo" };
}

function approveCheck(listing: OnItsWay): Check {
  if (isThrough(listing)) return { id: "approve", state: "done", reason: "sell.check.approve.done" };
  return { id: "approve", state: "later", reason: listing.isInReview === true ? "sell.check.approve.waiting" : "sell.check.approve.later" };
}

/** Whether nothing is left to do. */
export function isComplete(checks: readonly Check[]): boolean {
  return checks.every(({ state }) => state === "done");
}
