// The kinds and states of listings, for pages that choose among them.
export const LISTING_KINDS = ["MODEL", "DATASET", "COMPUTE_TIER", "SOLUTION"] as const;
export type ListingKind = (typeof LISTING_KINDS)[number];

export const LISTING_STATES = ["DRAFT", "IN_REVIEW", "PUBLISHED", "DEPRECATED", "RETIRED"] as const;
export type ListingState = (typeof LISTING_STATES)[number];
