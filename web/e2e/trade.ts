// What people do in the market beside the pages: join, accept an offer, call, close a period.
import type { Platform } from "./platform";

/** 50 characters. The starter offer of `reference-text` gives 100 free a month; each one past them costs 0.002 CNY. */
export const TEXT = `${"重庆银行的行长爱音乐。".repeat(4)}重庆银行的行`;

/** An organization that buys. */
export interface Buyer {
  name: string;
  /** The session token of its owner, who signs in as `who@join.example`. */
  owner: string;
  /** The secret of its program's key. */
  key: string;
}

/** What one call used. */
export interface Usage {
  class: string;
  quantity: string;
}

interface Target {
  agreement?: { id: string; capability: string };
  capability?: string;
}

interface Offered {
  listing: { offers: { nodes: { id: string }[] } };
}

interface Held {
  agreements: { nodes: { id: string; currentPeriod: { start: string } }[] };
}

/** Founds an organization that buys, with a key for its programs. */
export async function foundBuyer(platform: Platform, who: string, timeZone?: string): Promise<Buyer> {
  const name = `Buyer ${who}`;
  const owner = await platform.join(who, name, timeZone);
  const key = await platform.done<{ secret: string }>(owner, "createApiKey", "secret", { label: "nightly batch", scopes: ["INVOKE"] });
  return { name, owner, key: key.secret };
}

/** Accepts the first offer on a listing, and answers the agreement's id. */
export async function accept(platform: Platform, { owner }: Buyer, slug = "reference-text"): Promise<string> {
  const offers = "query($slug: String!) { listing(slug: $slug) { offers { nodes { id } } } }";
  const { listing } = await platform.ask<Offered>("", offers, { slug });
  const { agreement } = await platform.done<{ agreement: { id: string } }>(owner, "acceptOffer", "agreement { id }", { offerId: listing.offers.nodes[0]?.id });
  return agreement.id;
}

/** Calls as a program does, and answers what of it was free and what value-added. */
export async function call(
  platform: Platform,
  { key }: Buyer,
  target: Target = { capability: "chinese-word-segmentation" },
  text = TEXT,
): Promise<Usage[]> {
  const input = { target, payload: { text }, idempotencyKey: crypto.randomUUID() };
  const { invocation } = await platform.done<{ invocation: { usage: Usage[] } }>(key, "invoke", "invocation { usage { class quantity } }", input);
  return invocation.usage;
}

/** The seller reports so many events of one character each, or of more, one request after another: each is an event of the log. */
export async function report(
  platform: Platform,
  agreement: string,
  count: number,
  time = new Date().toISOString(),
  quantity = "1",
  reporter = platform.demo["seller_key"],
): Promise<void> {
  const headers = { Authorization: `Bearer ${reporter}`, "Content-Type": "application/cloudevents+json" };
  const common = { specversion: "1.0", type: "market.tallystick.usage.v1", source: "/e2e", subject: agreement, time };
  for (let each = 0; each < count; each += 1) {
    const event = { ...common, id: crypto.randomUUID(), data: { usage: [{ meter: "CHARACTER", quantity }] } };
    const response = await fetch(`${platform.url}/v1/events`, { method: "POST", headers, body: JSON.stringify(event) });
    if (!response.ok) throw new Error(`a report was answered with ${response.status}`);
  }
}

/** How many calls and reports there are under an agreement, as its buyer reads it. */
export async function recorded(platform: Platform, { owner }: Buyer, agreement: string): Promise<number> {
  const query = "query($id: ID!) { agreement(id: $id) { usage(by: AGREEMENT) { total { calls } } } }";
  const read = await platform.ask<{ agreement: { usage: { total: { calls: string } } } }>(owner, query, { id: agreement });
  return Number(read.agreement.usage.total.calls);
}

/** The operator closes the running period of the buyer's only agreement; answers the invoice's id. */
export async function closePeriod(platform: Platform, { owner }: Buyer): Promise<string> {
  const { agreements } = await platform.ask<Held>(owner, "{ agreements { nodes { id currentPeriod { start } } } }");
  const [agreement] = agreements.nodes;
  const input = { agreementId: agreement?.id, periodStart: agreement?.currentPeriod.start };
  const { invoice } = await platform.done<{ invoice: { id: string } }>("operator_key", "closePeriod", "invoice { id }", input);
  return invoice.id;
}
