// Offers side by side, line by line: terms, what a quantity would cost, health, who sells.
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useClient } from "urql";
import { ComparedOffer, type ComparedOfferQuery } from "@/features/offers/estimate.generated";
import { EstimateLines } from "@/features/offers/estimate-lines";
import { COMPARED_MAX } from "@/features/offers/offers-table";
import { Subscribe } from "@/features/offers/subscribe";
import { TermLines } from "@/features/offers/terms";
import { useEstimates } from "@/features/offers/use-estimates";
import { HealthLine } from "@/features/listings/health";
import { useDelayed } from "@/lib/delayed";
import { useHead } from "@/lib/head";
import type { MeterName } from "@/lib/meters";
import { useApiLanguage } from "@/lib/say";
import type { MessageId } from "@/messages";
import { SelectField } from "@/ui/choice-field";
import { PageHeader, Section, Toolbar } from "@/ui/page";
import { EmptyState, Skeleton } from "@/ui/state";
import { NumberField } from "@/ui/text-field";
import styles from "./compare.module.css";
import page from "./page.module.css";

const route = getRouteApi("/store/compare");

type Offer = NonNullable<ComparedOfferQuery["offer"]>;

export function ComparePage() {
  const intl = useIntl();
  const { offers: ids = "" } = route.useSearch();
  const offers = useOffers(ids);
  useHead(intl.formatMessage({ id: "store.compare.title" }));
  return (
    <div className={page.wide}>
      <PageHeader title={<FormattedMessage id="store.compare.title" />} lead={<FormattedMessage id="store.compare.lead" />} />
      {offers === null && <Skeleton lines={12} />}
      {offers !== null && offers.length === 0 && <Nothing />}
      {offers !== null && offers.length > 0 && <Compared offers={offers} />}
    </div>
  );
}

/** The offers by id, without those that are gone; null until all are read. */
function useOffers(ids: string): Offer[] | null {
  const client = useClient();
  const language = useApiLanguage();
  const [known, setKnown] = useState<{ of: string; offers: Offer[] } | null>(null);
  const of = `${language} ${ids}`;
  useEffect(() => {
    let isLeft = false;
    const wanted = [...new Set(ids.split(",").filter((id) => id !== ""))].slice(0, COMPARED_MAX);
    const read = async (id: string) => (await client.query(ComparedOffer, { id, language })).data?.offer ?? null;
    void Promise.all(wanted.map(read)).then((offers) => {
      if (!isLeft) setKnown({ of, offers: offers.filter((offer) => offer !== null) });
    });
    return () => {
      isLeft = true;
    };
  }, [client, ids, language, of]);
  return known?.of === of ? known.offers : null;
}

function Nothing() {
  return (
    <EmptyState
      title={<FormattedMessage id="store.compare.none" />}
      body={<FormattedMessage id="store.compare.none.body" />}
      action={
        <Link to="/capabilities">
          <FormattedMessage id="store.ways.call.go" />
        </Link>
      }
    />
  );
}

function Compared({ offers }: { offers: Offer[] }) {
  const intl = useIntl();
  const navigate = useNavigate({ from: "/compare" });
  const search = route.useSearch();
  const meters = [...new Set(offers.flatMap(({ terms }) => [...terms.prices, ...terms.allowances].map(({ meter }) => meter)))];
  const [meter, setMeter] = useState<MeterName>(meters[0] ?? "REQUEST");
  const [quantity, setQuantity] = useState(search.quantity ?? "10000");
  const estimates = useEstimates(offers, meter, useDelayed(quantity));
  const row = (id: MessageId, cell: (offer: Offer) => ReactNode) => <Row id={id} offers={offers} cell={cell} />;
  return (
    <Section title={<FormattedMessage id="store.offers.caption" />}>
      <Toolbar label={intl.formatMessage({ id: "store.compare.sample" })}>
        <NumberField
          label={intl.formatMessage({ id: "store.offers.quantity" })}
          value={quantity}
          onChange={(next) => {
            setQuantity(next);
            void navigate({ search: (before) => ({ ...before, quantity: next }), replace: true });
          }}
          scale={0}
          min="1"
          max="1000000000000"
        />
        <SelectField
          label={intl.formatMessage({ id: "store.facet.meter" })}
          value={meter}
          onChange={setMeter}
          choices={meters.map((value) => ({ value, label: intl.formatMessage({ id: `store.unit.${value}` }) }))}
        />
      </Toolbar>
      <div className={styles.region} role="group" aria-label={intl.formatMessage({ id: "store.offers.caption" })} tabIndex={0}>
        <table className={styles.table} aria-label={intl.formatMessage({ id: "store.offers.caption" })}>
          <thead>
            <tr>
              <td />
              {offers.map((offer) => (
                <th key={offer.id} scope="col">
                  <Link to="/listings/$slug" params={{ slug: offer.listing.slug }}>
                    <bdi>{offer.listing.name}</bdi>
                  </Link>
                  <span className={styles.offer}>
                    <bdi>{offer.name}</bdi>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {row("store.compare.cost", ({ id }) => (
              <EstimateLines estimate={estimates[id]} />
            ))}
            {row("store.offers.terms", ({ terms }) => (
              <TermLines terms={terms} />
            ))}
            {row("store.subscribe.period", ({ terms }) => (
              <FormattedMessage id={`store.period.${terms.period}`} />
            ))}
            {row("store.offers.health", ({ listing }) => (
              <HealthLine health={listing.health} />
            ))}
            {row("store.compare.capabilities", ({ listing }) => listing.capabilities.length)}
            {row("store.facet.placement", ({ listing }) =>
              listing.model === null ? "–" : <FormattedMessage id={`store.placement.${listing.model.placement}`} />,
            )}
            {row("store.facet.licence", ({ listing }) => listing.licence ?? "–")}
            {row("store.compare.store", ({ listing }) => (
              <>
                <Link to="/stores/$slug" params={{ slug: listing.provider.slug }}>
                  <bdi>{listing.provider.name}</bdi>
                </Link>{" "}
                <FormattedMessage id={`store.publisher.${listing.provider.kind}`} />
              </>
            ))}
            {row("store.subscribe", (offer) =>
              offer.isWithdrawn ? (
                <FormattedMessage id="store.compare.withdrawn" />
              ) : (
                <Subscribe offer={offer} listing={offer.listing} sellerId={offer.seller.id} />
              ),
            )}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface RowProps {
  id: MessageId;
  offers: readonly Offer[];
  cell: (offer: Offer) => ReactNode;
}

function Row({ id, offers, cell }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <FormattedMessage id={id} />
      </th>
      {offers.map((offer) => (
        <td key={offer.id}>{cell(offer)}</td>
      ))}
    </tr>
  );
}
