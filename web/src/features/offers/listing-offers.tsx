// The offers of one listing as sheets: terms, the period, and the way in.
import { FormattedMessage } from "react-intl";
import { Card } from "@/ui/page";
import type { ListingPageQuery } from "../listings/listing.generated";
import styles from "./listing-offers.module.css";
import { Subscribe } from "./subscribe";
import { TermLines } from "./terms";

export function ListingOffers({ listing }: { listing: NonNullable<ListingPageQuery["listing"]> }) {
  const offers = listing.offers.nodes.filter(({ isWithdrawn }) => !isWithdrawn);
  if (offers.length === 0) return <FormattedMessage id="store.offers.none" />;
  return (
    <ul className={styles.offers}>
      {offers.map((offer) => (
        <li key={offer.id} className={styles.offer}>
          <Card className={styles.card}>
            <h3>
              <bdi>{offer.name}</bdi>
            </h3>
            <TermLines terms={offer.terms} />
            <p className={styles.note}>
              <FormattedMessage id="store.subscribe.period" /> <FormattedMessage id={`store.period.${offer.terms.period}`} /> ·{" "}
              <FormattedMessage id="store.subscribe.version" /> {offer.priceVersion}
            </p>
            {listing.state === "PUBLISHED" && <Subscribe offer={offer} listing={listing} sellerId={offer.seller.id} />}
          </Card>
        </li>
      ))}
    </ul>
  );
}
