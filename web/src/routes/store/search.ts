// What the storefront's addresses may hold; anything else is dropped.

import { validPaging, type Paging } from "@/lib/paging";

type Raw = Record<string, unknown>;

/** The map of capabilities: one category, and what is looked for. */
export interface CapabilitiesSearch {
  category?: string;
  q?: string;
  /** Only what can be called today. */
  callable?: boolean;
}

export function validateCapabilities(raw: Raw): CapabilitiesSearch {
  return { ...text(raw, "category"), ...text(raw, "q"), ...(raw["callable"] === true ? { callable: true } : {}) };
}

/** The offers that stand side by side, by id, and the quantity that they are priced for. */
export interface CompareSearch {
  offers?: string;
  quantity?: string;
}

export function validateCompare(raw: Raw): CompareSearch {
  return { ...text(raw, "offers"), ...text(raw, "quantity") };
}

/** The list of stores: what is looked for, and which page of it. */
export interface StoresSearch extends Paging {
  q?: string;
}

export function validateStores(raw: Raw): StoresSearch {
  return { ...text(raw, "q"), ...validPaging(raw) };
}

const LENGTH_MAX = 400;

function text<Key extends string>(raw: Raw, key: Key): { [Name in Key]?: string } {
  const value = raw[key];
  const given = typeof value === "number" ? String(value) : value;
  if (typeof given !== "string" || given === "") return {};
  return { [key]: given.slice(0, LENGTH_MAX) } as { [Name in Key]?: string };
}
