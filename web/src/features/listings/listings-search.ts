// What the list of listings is narrowed to, as its address holds it and as the API takes it.
import type { ListingsQueryVariables } from "./listings.generated";
import { METERS, type MeterName } from "@/lib/meters";
import { validPaging, type Paging } from "@/lib/paging";

const KINDS = ["DATASET", "MODEL", "COMPUTE_TIER", "SOLUTION"] as const;
const PUBLISHERS = ["GOVERNMENT", "UNIVERSITY", "ENTERPRISE", "COMMUNITY"] as const;
const PLACEMENTS = ["CLOUD", "EDGE", "DEVICE", "ON_PREMISE"] as const;
const ORDERS = ["NEWEST", "NAME", "PRICE"] as const;
const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/;

/** The facets that take one value each. */
export interface FacetSearch {
  kind?: (typeof KINDS)[number];
  category?: string;
  meter?: MeterName;
  publisher?: (typeof PUBLISHERS)[number];
  placement?: (typeof PLACEMENTS)[number];
  licence?: string;
  free?: boolean;
  answering?: boolean;
}

/** The address of the list. */
export interface ListingsSearch extends FacetSearch, Paging {
  q?: string;
  /** The most that a first charged unit may cost, an exact decimal. */
  price?: string;
  currency?: string;
  order?: (typeof ORDERS)[number];
}

/** What is to change in the address: undefined or empty takes a part out of it. */
export type ListingsChange = { [Key in keyof ListingsSearch]?: ListingsSearch[Key] | undefined };

/** Takes what it knows out of an address and drops the rest. */
export function validateListings(raw: Record<string, unknown>): ListingsSearch {
  const price = typeof raw["price"] === "number" ? String(raw["price"]) : raw["price"];
  return {
    ...text(raw, "q"),
    ...one(raw, "kind", KINDS),
    ...text(raw, "category"),
    ...one(raw, "meter", METERS),
    ...one(raw, "publisher", PUBLISHERS),
    ...one(raw, "placement", PLACEMENTS),
    ...text(raw, "licence"),
    ...(raw["free"] === true ? { free: true } : {}),
    ...(typeof raw["answering"] === "boolean" ? { answering: raw["answering"] } : {}),
    ...(typeof price === "string" && DECIMAL.test(price) ? { price } : {}),
    ...(/^[A-Z]{3}$/.test(String(raw["currency"])) ? { currency: String(raw["currency"]) } : {}),
    ...one(raw, "order", ORDERS),
    ...validPaging(raw),
  };
}

function text<Key extends string>(raw: Record<string, unknown>, key: Key): { [Name in Key]?: string } {
  const value = typeof raw[key] === "number" ? String(raw[key]) : raw[key];
  return (typeof value === "string" && value !== "" ? { [key]: value.slice(0, 200) } : {}) as { [Name in Key]?: string };
}

function one<Key extends string, Value extends string>(raw: Record<string, unknown>, key: Key, values: readonly Value[]) {
  const value = values.find((each) => each === raw[key]);
  return (value === undefined ? {} : { [key]: value }) as { [Name in Key]?: Value };
}

type Variables = Pick<ListingsQueryVariables, "filter" | "search" | "orderBy">;

/** The currency that prices are compared in unless the address says otherwise. */
export const CURRENCY = "CNY";

/** What the API is asked for. */
export function listingsVariables(search: ListingsSearch): Variables {
  const { kind, category, meter, publisher, placement, licence, free, answering, price, currency = CURRENCY } = search;
  const filter = {
    ...(kind === undefined ? {} : { kind }),
    ...(category === undefined ? {} : { category }),
    ...(meter === undefined ? {} : { meter }),
    ...(publisher === undefined ? {} : { providerKind: publisher }),
    ...(placement === undefined ? {} : { placement }),
    ...(licence === undefined ? {} : { licence }),
    ...(free === true ? { hasFreeAllowance: true } : {}),
    ...(answering === undefined ? {} : { isAnswering: answering }),
    ...(price === undefined ? {} : { priceMax: price }),
    ...(price === undefined && search.order !== "PRICE" ? {} : { currencyCode: currency }),
  };
  return { filter, search: search.q ?? null, orderBy: search.order ?? null };
}
