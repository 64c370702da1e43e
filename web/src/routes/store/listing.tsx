// One listing: what it is, what of it is free and what is charged, its licence and provenance, how it fares.
import { getRouteApi, Link } from "@tanstack/react-router";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { DatasetPreview } from "@/features/listings/dataset-preview";
import { HealthTable } from "@/features/listings/health";
import { ListingDetails } from "@/features/listings/listing-details";
import { PublicProbe } from "@/features/listings/public-probe";
import { ListingPage as Query, type ListingPageQuery } from "@/features/listings/listing.generated";
import { PublishedVersions } from "@/features/listings/published-versions";
import { ListingOffers } from "@/features/offers/listing-offers";
import { useHead } from "@/lib/head";
import { useApiLanguage } from "@/lib/say";
import { Badge, StatusBadge } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { KeyValue, PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";
import { NotFound } from "../fallbacks";
import styles from "./listing.module.css";
import page from "./page.module.css";

const route = getRouteApi("/store/listings/$slug");

export function ListingPage() {
  const { slug } = route.useParams();
  const [{ data, error }, retry] = useQuery({ query: Query, variables: { slug, language: useApiLanguage() } });
  if (data?.listing === null) return <NotFound />;
  return (
    <div className={page.page}>
      {data !== undefined && data.listing !== undefined && <Found key={slug} listing={data.listing} />}
      {data === undefined && error === undefined && <Skeleton lines={14} />}
      {data === undefined && error !== undefined && (
        <Failure isPage error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      )}
    </div>
  );
}

type Listing = NonNullable<ListingPageQuery["listing"]>;

function Found({ listing }: { listing: Listing }) {
  useHead(listing.name, listing.summary);
  return (
    <>
      <PageHeader
        title={<bdi>{listing.name}</bdi>}
        lead={<bdi className={styles.summary}>{listing.summary}</bdi>}
        breadcrumbs={[
          <Link to="/listings">
            <FormattedMessage id="nav.listings" />
          </Link>,
          <Link to="/listings" search={{ kind: listing.kind }}>
            <FormattedMessage id={`store.kind.${listing.kind}`} />
          </Link>,
        ]}
      />
      {listing.state === "DEPRECATED" && (
        <Notice tone="attention" title={<FormattedMessage id="store.listing.deprecated" />}>
          <FormattedMessage id="store.listing.deprecated.body" />
        </Notice>
      )}
      <Facts listing={listing} />
      <Section title={<FormattedMessage id="store.offers.title" />} note={<FormattedMessage id="store.offers.note" />}>
        <ListingOffers listing={listing} />
      </Section>
      {listing.dataset !== null && <DatasetPreview slug={listing.slug} />}
      {listing.capabilities.length > 0 && <Capabilities listing={listing} />}
      {listing.kind === "MODEL" && (
        <>
          <Section title={<FormattedMessage id="store.health.title" />} note={<FormattedMessage id="store.health.note" />}>
            {listing.health === null ? <FormattedMessage id="store.health.none" /> : <HealthTable health={listing.health} />}
          </Section>
          <PublicProbe slug={listing.slug} />
        </>
      )}
      <Section title={<FormattedMessage id="store.versions.title" />}>
        <PublishedVersions versions={listing.versions.nodes} />
      </Section>
    </>
  );
}

function Facts({ listing }: { listing: Listing }) {
  return (
    <div className={styles.facts}>
      <KeyValue
        entries={[
          [
            <FormattedMessage id="store.compare.store" />,
            <>
              <Link to="/stores/$slug" params={{ slug: listing.provider.slug }}>
                <bdi>{listing.provider.name}</bdi>
              </Link>{" "}
              <Badge tone="faint">
                <FormattedMessage id={`store.publisher.${listing.provider.kind}`} />
              </Badge>
            </>,
          ],
          [<FormattedMessage id="store.listing.state" />, <StatusBadge state={listing.state} />],
          [<FormattedMessage id="store.listing.licence" />, listing.licence === null ? null : <bdi>{listing.licence}</bdi>],
          [
            <FormattedMessage id="store.listing.version" />,
            listing.version !== null && (
              <>
                {listing.version.number} · <Instant value={listing.version.publishedAt} format="date" />
              </>
            ),
          ],
        ]}
      />
      <div>
        <ListingDetails listing={listing} />
      </div>
    </div>
  );
}

function Capabilities({ listing }: { listing: Listing }) {
  const intl = useIntl();
  return (
    <Section title={<FormattedMessage id="store.listing.capabilities" />} note={<FormattedMessage id="store.listing.capabilities.note" />}>
      <ul className={styles.capabilities} aria-label={intl.formatMessage({ id: "store.listing.capabilities" })}>
        {listing.capabilities.map(({ slug, name }) => (
          <li key={slug}>
            <Link to="/capabilities/$slug" params={{ slug }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
