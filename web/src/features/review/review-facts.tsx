// Who submitted what, and the offers that come to the market with it.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { DataTable, type Column } from "@/ui/data-table";
import { Money, Quantity, useMeterUnit } from "@/ui/numbers";
import { KeyValue, Section } from "@/ui/page";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { OrganizationLink } from "../operate/parts";
import type { OperateReviewedFragment } from "./operate-review.generated";

type Offer = OperateReviewedFragment["offers"]["nodes"][number];

export function ReviewFacts({ listing }: { listing: OperateReviewedFragment }) {
  const say = useSay();
  const seller = listing.offers.nodes[0]?.seller;
  return (
    <Section title={say("operate.review.submission")}>
      <div className={styles.gap}>
        {listing.reviewNote !== null && (
          <Notice tone="attention" title={say("operate.review.lastNote")}>
            <p className={styles.prose}>{listing.reviewNote}</p>
          </Notice>
        )}
        <KeyValue
          entries={[
            [say("operate.column.state"), <StatusBadge state={listing.isInReview === true ? "IN_REVIEW" : listing.state} />],
            [say("operate.column.kind"), say(`operate.kind.${listing.kind}`)],
            [
              say("operate.column.provider"),
              <Link to="/stores/$slug" params={{ slug: listing.provider.slug }}>
                <bdi>{listing.provider.name}</bdi>
              </Link>,
            ],
            [say("operate.column.organization"), seller !== undefined && <OrganizationLink organization={seller} />],
            [say("operate.review.since"), <Instant value={listing.updatedAt} />],
            [
              say("operate.review.onMarket"),
              listing.version !== null && (
                <Link to="/listings/$slug" params={{ slug: listing.slug }}>
                  {say("operate.review.version", { number: listing.version.number })}
                </Link>
              ),
            ],
          ]}
        />
      </div>
    </Section>
  );
}

export function ReviewOffers({ listing }: { listing: OperateReviewedFragment }) {
  const say = useSay();
  return (
    <Section title={say("operate.review.offers")}>
      <DataTable
        caption={say("operate.review.offers")}
        columns={useColumns()}
        rows={listing.offers.nodes}
        rowKey={({ id }) => id}
        empty={say("operate.review.offers.none")}
      />
    </Section>
  );
}

function useColumns(): Column<Offer>[] {
  const say = useSay();
  const unit = useMeterUnit();
  return [
    { key: "name", header: say("operate.column.offer"), isRowHeader: true, cell: ({ name }) => <bdi className={styles.name}>{name}</bdi> },
    { key: "period", header: say("operate.column.period"), cell: ({ terms }) => say(`operate.period.${terms.period}`) },
    {
      key: "free",
      header: say("operate.review.free"),
      cell: ({ terms }) =>
        terms.allowances.length === 0 ? "–" : (
          <ul>
            {terms.allowances.map(({ meter, included }) => (
              <li key={meter}>
                <Quantity value={included} meter={meter} />
              </li>
            ))}
          </ul>
        ),
    },
    {
      key: "price",
      header: say("operate.review.price"),
      cell: ({ terms }) =>
        terms.prices.length === 0 ? "–" : (
          <ul>
            {terms.prices.map(({ meter, model, unit: price, packageSize }) => (
              <li key={meter}>
                {price === null ? say(`operate.priceModel.${model}`) : <Money amount={price} currencyCode={terms.currencyCode} />} /{" "}
                {packageSize === null ? unit(meter, "1") : <Quantity value={packageSize} meter={meter} />}
              </li>
            ))}
          </ul>
        ),
    },
    {
      key: "fee",
      header: say("operate.review.flatFee"),
      align: "end",
      cell: ({ terms }) => (terms.flatFee === null ? "–" : <Money amount={terms.flatFee} currencyCode={terms.currencyCode} />),
    },
  ];
}
