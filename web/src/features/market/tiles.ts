// The capabilities by category, as the maps show them.
import type { CapabilityMapQuery } from "./map.generated";

export type Tile = CapabilityMapQuery["capabilityMap"][number];
export type Category = CapabilityMapQuery["categories"][number];

/** A category with those of its capabilities that are shown. */
export interface Group {
  category: Category;
  tiles: Tile[];
}

/** Groups tiles in the categories' order; what is offered most stands first in its group. */
export function grouped({ categories, capabilityMap }: Pick<CapabilityMapQuery, "categories" | "capabilityMap">): Group[] {
  return categories.map((category) => ({
    category,
    tiles: capabilityMap.filter((tile) => tile.category.slug === category.slug).sort(byOffer),
  }));
}

function byOffer(a: Tile, b: Tile): number {
  return Number(b.isAnswered) - Number(a.isAnswered) || Number(b.listingCount) - Number(a.listingCount);
}
