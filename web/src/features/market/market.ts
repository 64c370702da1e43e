// What the landing page asks the platform, and the answer checked before anything is drawn from it.
import { query, QueryFailure } from "../../lib/graphql";
import type { Locale } from "../../lib/locale";

const LANDING_QUERY = `query Landing {
  capabilities(first: 0) { totalCount }
  categories { id name(language: EN) nameZh: name(language: ZH) capabilityCount answeredCount }
  listings(first: 6) {
    totalCount
    nodes { slug kind name(language: EN) nameZh: name(language: ZH) provider { name } }
  }
}`;

export const LISTING_KINDS = ["DATASET", "MODEL", "COMPUTE_TIER", "SOLUTION"] as const;
export type ListingKind = (typeof LISTING_KINDS)[number];

export type Names = Record<Locale, string>;

export interface Category {
  id: string;
  names: Names;
  capabilityCount: number;
  /** How many of its capabilities some published listing answers today; never more than `capabilityCount`. */
  answeredCount: number;
}

export interface Listing {
  slug: string;
  kind: ListingKind;
  names: Names;
  providerName: string;
}

export interface Market {
  capabilityCount: number;
  answeredCount: number;
  listingCount: number;
  categories: Category[];
  listings: Listing[];
}

/** Reads the market as it stands. Throws `QueryFailure`. */
export async function loadMarket(signal: AbortSignal): Promise<Market> {
  return parseMarket(await query(LANDING_QUERY, signal));
}

/** Checks an answer to the landing query. Throws `QueryFailure` of kind `shape` where it doesn't fit. */
export function parseMarket(data: unknown): Market {
  const root = record(data, "data");
  const listings = record(root["listings"], "listings");
  const categories = list(root["categories"], "categories").map(parseCategory);
  return {
    capabilityCount: count(record(root["capabilities"], "capabilities")["totalCount"], "capabilities.totalCount"),
    answeredCount: categories.reduce((sum, category) => sum + category.answeredCount, 0),
    listingCount: count(listings["totalCount"], "listings.totalCount"),
    categories,
    listings: list(listings["nodes"], "listings.nodes").map(parseListing),
  };
}

function parseCategory(value: unknown): Category {
  const fields = record(value, "category");
  const capabilityCount = count(fields["capabilityCount"], "capabilityCount");
  const answeredCount = count(fields["answeredCount"], "answeredCount");
  if (answeredCount > capabilityCount) throw misshapen("answeredCount");
  return { id: text(fields["id"], "category.id"), names: names(fields), capabilityCount, answeredCount };
}

function parseListing(value: unknown): Listing {
  const fields = record(value, "listing");
  const kind = LISTING_KINDS.find((known) => known === fields["kind"]);
  if (kind === undefined) throw misshapen("listing.kind");
  return {
    slug: text(fields["slug"], "listing.slug"),
    kind,
    names: names(fields),
    providerName: text(record(fields["provider"], "provider")["name"], "provider.name"),
  };
}

function names(fields: Record<string, unknown>): Names {
  return { en: text(fields["name"], "name"), zh: text(fields["nameZh"], "nameZh") };
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw misshapen(path);
  return value as Record<string, unknown>;
}

function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw misshapen(path);
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw misshapen(path);
  return value;
}

/** A whole number, sent as a GraphQL `Int` or, like all unbounded counts of the API, as a string of digits. */
function count(value: unknown, path: string): number {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) throw misshapen(path);
  return number;
}

function misshapen(path: string): QueryFailure {
  return new QueryFailure("shape", path);
}
