// The offers of several listings side by side: what is free, what is charged, how the listing fares, and the way in.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { buttonClass } from "@/ui/button-class";
import { DataTable, type Column, type Sort } from "@/ui/data-table";
import type { OfferedListingFragment } from "../capabilities/capability.generated";
import { HealthLine } from "../listings/health";
import styles from "./offers-table.module.css";
import { Subscribe } from "./subscribe";
import { TermLines } from "./terms";

/** An offer with the listing it is on. */
export interface OfferRow {
  listing: OfferedListingFragment;
  offer: OfferedListingFragment["offers"]["nodes"][number];
}

/** How many offers stand side by side on the page that compares. */
export const COMPARED_MAX = 6;

export function offerRows(listings: readonly OfferedListingFragment[]): OfferRow[] {
  return listings.flatMap((listing) =>
    listing.offers.nodes.filter(({ isWithdrawn }) => !isWithdrawn).map((offer) => ({ listing, offer })),
  );
}

interface Props {
  rows: readonly OfferRow[];
  caption: string;
  /** More columns before the last: estimates. */
  extra?: Column<OfferRow>[];
  compare?: (a: OfferRow, b: OfferRow, key: string) => number;
  firstSort?: Sort;
  /** The sample quantity that the page which compares begins with. */
  quantity?: string;
}

export function OffersTable({ rows, caption, extra = [], compare = byHealth, firstSort, quantity }: Props) {
  const intl = useIntl();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [sort, setSort] = useState<Sort | undefined>(firstSort);
  const sign = sort?.direction === "descending" ? -1 : 1;
  const sorted = sort === undefined ? rows : [...rows].sort((a, b) => sign * compare(a, b, sort.key));
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(-COMPARED_MAX));
  const columns: Column<OfferRow>[] = [
    {
      key: "compare",
      header: intl.formatMessage({ id: "store.offers.compare.column" }),
      cell: ({ offer, listing }) => (
        <input
          type="checkbox"
          className={styles.check}
          checked={chosen.includes(offer.id)}
          onChange={() => toggle(offer.id)}
          aria-label={intl.formatMessage({ id: "store.offers.compare.one" }, { offer: offer.name, listing: listing.name })}
        />
      ),
    },
    { key: "listing", header: intl.formatMessage({ id: "store.offers.listing" }), isRowHeader: true, cell: Names },
    { key: "terms", header: intl.formatMessage({ id: "store.offers.terms" }), cell: ({ offer }) => <TermLines terms={offer.terms} /> },
    ...extra,
    {
      key: "health",
      header: intl.formatMessage({ id: "store.offers.health" }),
      isSortable: true,
      cell: ({ listing }) => <HealthLine health={listing.health} />,
    },
    {
      key: "subscribe",
      header: intl.formatMessage({ id: "store.subscribe" }),
      cell: ({ offer, listing }) => <Subscribe offer={offer} listing={listing} sellerId={offer.seller.id} />,
    },
  ];
  return (
    <div className={styles.offers}>
      <DataTable
        caption={caption}
        columns={columns}
        rows={sorted}
        rowKey={({ offer }) => offer.id}
        sort={sort}
        onSort={setSort}
        empty={<FormattedMessage id="store.offers.none" />}
      />
      {rows.length > 1 && (
        <p className={styles.compare}>
          {chosen.length < 2 ? (
            <FormattedMessage id="store.offers.compare.hint" values={{ max: COMPARED_MAX }} />
          ) : (
            <Link to="/compare" search={{ offers: chosen.join(","), ...(quantity === undefined ? {} : { quantity }) }} className={buttonClass()}>
              <FormattedMessage id="store.offers.compare.go" values={{ count: chosen.length }} />
            </Link>
          )}
        </p>
      )}
    </div>
  );
}

function Names({ listing, offer }: OfferRow) {
  return (
    <span className={styles.names}>
      <Link to="/listings/$slug" params={{ slug: listing.slug }}>
        <bdi>{listing.name}</bdi>
      </Link>
      <span>
        <bdi>{offer.name}</bdi>
      </span>
      <Link to="/stores/$slug" params={{ slug: listing.provider.slug }} className={styles.store}>
        <bdi>{listing.provider.name}</bdi>
      </Link>
    </span>
  );
}

/** Best first when ascending: what answers, then what is faster, then what was never called. */
export function byHealth(a: OfferRow, b: OfferRow): number {
  const rank = ({ listing: { health } }: OfferRow) =>
    health === null || health.calls === "0" ? 2e9 : (health.isAnswering ? 0 : 1e9) + (health.latencyP50Milliseconds ?? 9e8);
  return rank(a) - rank(b);
}
