// What a search of the market found, as one list.
import type { MessageId } from "@/messages";
import type { MarketSearchQuery } from "./map.generated";

/** One thing that was found, and where it is. */
export interface Hit {
  to: "/capabilities/$slug" | "/listings/$slug" | "/stores/$slug";
  slug: string;
  name: string;
  /** What sort of thing it is. */
  sort: MessageId;
  /** Where it belongs; empty where it stands alone. */
  note: string;
}

/** Capabilities first, for they are what is called. */
export function hitsOf({ marketSearch }: MarketSearchQuery): Hit[] {
  const { capabilities, listings, stores } = marketSearch;
  return [
    ...capabilities.map(({ slug, name, isAnswered, category }) => ({
      to: "/capabilities/$slug" as const,
      slug,
      name,
      sort: isAnswered ? ("store.search.capability" as const) : ("store.search.capability.unanswered" as const),
      note: category.name,
    })),
    ...listings.map(({ slug, name, kind, provider }) => ({
      to: "/listings/$slug" as const,
      slug,
      name,
      sort: `store.kind.${kind}` as const,
      note: provider.name,
    })),
    ...stores.map(({ slug, name }) => ({ to: "/stores/$slug" as const, slug, name, sort: "store.search.store" as const, note: "" })),
  ];
}
