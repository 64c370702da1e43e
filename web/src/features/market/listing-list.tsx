// The first listings of the market.
import { FormattedMessage } from "react-intl";
import type { Locale } from "../../lib/locale";
import { Empty } from "./empty";
import styles from "./listing-list.module.css";
import type { Listing } from "./market";

interface Props {
  listings: Listing[];
  total: number;
  locale: Locale;
}

export function ListingList({ listings, total, locale }: Props) {
  return (
    <section aria-labelledby="listings-title">
      <div className={styles.head}>
        <h3 id="listings-title">
          <FormattedMessage id="listings.title" />
        </h3>
        {listings.length > 0 && (
          <p className={styles.showing}>
            <FormattedMessage id="listings.showing" values={{ shown: listings.length, total }} />
          </p>
        )}
      </div>
      {listings.length === 0 && <Empty title="listings.empty" next="listings.emptyNext" />}
      <ul>
        {listings.map((listing) => (
          <li key={listing.slug} className={styles.row}>
            <p className={styles.kind}>
              <FormattedMessage id={`kind.${listing.kind}`} />
            </p>
            <p className={styles.name}>
              <bdi>{listing.names[locale]}</bdi>
            </p>
            <p className={styles.provider}>
              <FormattedMessage
                id="listings.by"
                values={{ provider: <bdi key="provider">{listing.providerName}</bdi> }}
              />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
