// A store's page as its editor holds it, and what is wrong with it by the platform's rules.
import { HEX_COLOUR } from "@/lib/contrast";
import { localizedInput, localizedProblem, NO_TEXT, unfolded, type Localized, type LocalizedProblem } from "@/lib/localized";
import type { SellStorePageFragment } from "./sell-store.generated";

export type StoreKind = SellStorePageFragment["kind"];
export const STORE_KINDS: readonly StoreKind[] = ["ENTERPRISE", "COMMUNITY", "UNIVERSITY", "GOVERNMENT"];

export interface StoreDraft {
  slug: string;
  name: Localized;
  description: Localized;
  kind: StoreKind;
  website: string;
  /** `#rrggbb`; empty for the platform's own. */
  accent: string;
}

export const NAME_MAX = 120;
export const DESCRIPTION_MAX = 2_000;
const WEBSITE_MAX = 300;

/** The editor's beginning: the store as it is, or one named as the organization is. */
export function storeDraft(store: SellStorePageFragment | null, organizationName: string): StoreDraft {
  if (store === null) {
    return { slug: slugOf(organizationName), name: unfolded(organizationName, organizationName), description: NO_TEXT, kind: "ENTERPRISE", website: "", accent: "" };
  }
  return {
    slug: store.slug,
    name: unfolded(store.nameEn, store.nameZh),
    description: unfolded(store.descriptionEn, store.descriptionZh),
    kind: store.kind,
    website: store.website ?? "",
    accent: store.accent ?? "",
  };
}

/** The API's `StorePageInput`. */
export function storePageInput({ name, description, kind, website, accent }: StoreDraft) {
  return {
    name: localizedInput(name),
    description: localizedInput(description),
    kind,
    ...(website.trim() === "" ? {} : { website: website.trim() }),
    ...(accent === "" ? {} : { accent: accent.toLowerCase() }),
  };
}

export interface StoreProblems {
  slug: boolean;
  name: LocalizedProblem | null;
  description: LocalizedProblem | null;
  website: boolean;
  accent: boolean;
}

/** What would be refused. */
export function storeProblems({ slug, name, description, website, accent }: StoreDraft): StoreProblems {
  return {
    slug: !isSlug(slug),
    name: localizedProblem(name, NAME_MAX),
    description: localizedProblem(description, DESCRIPTION_MAX),
    website: website.trim() !== "" && !isAddress(website.trim(), { max: WEBSITE_MAX, isPlainAllowed: false }),
    accent: accent !== "" && !HEX_COLOUR.test(accent),
  };
}

/** An address name: 2 to 64 of a-z, 0-9 and single dashes between them. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && text.length >= 2 && text.length <= 64;
}

/** A proposal of an address name; empty where the text has no Latin letters. */
export function slugOf(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64)
    .replace(/-+$/, "");
}

/** An absolute web address of printable ASCII without credentials and fragment. */
export function isAddress(text: string, { max, isPlainAllowed }: { max: number; isPlainAllowed: boolean }): boolean {
  if (text.length > max || !/^[\x21-\x7e]+$/.test(text)) return false;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isSchemeFit = protocol === "https:" || (isPlainAllowed && protocol === "http:");
  return isSchemeFit && hostname !== "" && username === "" && password === "" && !text.includes("#");
}
