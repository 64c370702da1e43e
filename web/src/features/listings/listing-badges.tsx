// How a listing stands: its place in the market, and what its next version waits for.
import { useSay } from "@/lib/say";
import { Badge, StatusBadge } from "@/ui/badge";
import type { ListingKind } from "./listing-kinds";
import styles from "../desk/desk.module.css";

interface Standing {
  state: "DRAFT" | "IN_REVIEW" | "PUBLISHED" | "DEPRECATED" | "RETIRED";
  isInReview: boolean | null;
  reviewNote: string | null;
}

export function ListingBadges({ state, isInReview, reviewNote }: Standing) {
  const say = useSay();
  const isNextInReview = isInReview === true && state !== "IN_REVIEW";
  return (
    <span className={styles.row}>
      <StatusBadge state={state} />
      {isNextInReview && <Badge tone="attention">{say("sell.listing.nextInReview")}</Badge>}
      {needsChanges({ state, isInReview, reviewNote }) && <Badge tone="danger">{say("sell.listing.changesWanted")}</Badge>}
    </span>
  );
}

/** Whether the operator asked for changes at the last review and the provider has not answered yet. */
export function needsChanges({ state, isInReview, reviewNote }: Standing): boolean {
  return reviewNote !== null && isInReview !== true && state !== "DEPRECATED" && state !== "RETIRED";
}

export function KindName({ kind }: { kind: ListingKind }) {
  return useSay()(`sell.kind.${kind}`);
}
