// A listing as lists show it: what it is, who offers it, from what price, how it fares.
import { Link } from "@tanstack/react-router";
import { FormattedMessage } from "react-intl";
import { Badge, StatusBadge } from "@/ui/badge";
import { TermLines } from "../offers/terms";
import { HealthLine } from "./health";
import styles from "./listing-row.module.css";
import type { ListedListingFragment } from "./listings.generated";

interface Props {
  listing: ListedListingFragment;
  /** Whether the store is said: not on its own page. */
  withStore?: boolean;
  /** The heading that its name is, one below what stands around the list. */
  heading?: "h2" | "h3";
}

export function ListingRow({ listing, withStore = true, heading: Heading = "h2" }: Props) {
  const offers = listing.offers.nodes.filter(({ isWithdrawn }) => !isWithdrawn);
  const first = offers[0];
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <Heading className={styles.name}>
          <Link to="/listings/$slug" params={{ slug: listing.slug }}>
            <bdi>{listing.name}</bdi>
          </Link>
        </Heading>
        <p className={styles.facts}>
          <Badge>
            <FormattedMessage id={`store.kind.${listing.kind}`} />
          </Badge>
          {listing.state !== "PUBLISHED" && <StatusBadge state={listing.state} />}
          {withStore && (
            <Link to="/stores/$slug" params={{ slug: listing.provider.slug }}>
              <bdi>{listing.provider.name}</bdi>
            </Link>
          )}
          {listing.licence !== null && <bdi>{listing.licence}</bdi>}
        </p>
        <p className={styles.summary}>
          <bdi>{listing.summary}</bdi>
        </p>
      </div>
      <div className={styles.terms}>
        {first === undefined ? <FormattedMessage id="store.offers.none" /> : <TermLines terms={first.terms} />}
        {offers.length > 1 && (
          <p className={styles.more}>
            <FormattedMessage id="store.listings.moreOffers" values={{ count: Number(listing.offers.totalCount) - 1 }} />
          </p>
        )}
        {listing.kind === "MODEL" && <HealthLine health={listing.health} />}
      </div>
    </li>
  );
}
