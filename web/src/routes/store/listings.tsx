// What is on the market, narrowed by facets; the address holds all of it.
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useClient, useQuery } from "urql";
import { ListingFacets } from "@/features/listings/listing-facets";
import { ListingRow } from "@/features/listings/listing-row";
import { listingsVariables, validateListings, type ListingsChange, type ListingsSearch } from "@/features/listings/listings-search";
import { Listings, type ListedListingFragment, type ListingsQuery } from "@/features/listings/listings.generated";
import { useHead } from "@/lib/head";
import { pageArguments, pagerProps, readAll } from "@/lib/paging";
import { useApiLanguage } from "@/lib/say";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/choice-field";
import { CsvButton } from "@/ui/csv-button";
import { Failure } from "@/ui/failure";
import { PageHeader, Toolbar } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { EmptyState, Skeleton } from "@/ui/state";
import { SearchField } from "@/ui/text-field";
import styles from "./listings.module.css";
import page from "./page.module.css";

const route = getRouteApi("/store/listings");
const ORDERS = ["NEWEST", "NAME", "PRICE"] as const;

export function ListingsPage() {
  const intl = useIntl();
  const navigate = useNavigate({ from: "/listings" });
  const search = route.useSearch();
  useHead(intl.formatMessage({ id: "nav.listings" }), intl.formatMessage({ id: "store.listings.lead" }));
  const variables = { ...listingsVariables(search), ...pageArguments(search), language: useApiLanguage() };
  const [{ data, error, stale }, retry] = useQuery({ query: Listings, variables });
  /** Another filter begins at the first page. */
  const put = (next: ListingsChange) =>
    void navigate({ search: (before) => validateListings({ ...before, trail: undefined, ...next }), replace: true });
  return (
    <div className={page.wide}>
      <PageHeader title={<FormattedMessage id="nav.listings" />} lead={<FormattedMessage id="store.listings.lead" />} />
      <div className={page.columns}>
        <details className={styles.narrow} open={globalThis.matchMedia("(min-width: 56.01rem)").matches}>
          <summary>
            <FormattedMessage id="store.listings.narrow" />
          </summary>
          <ListingFacets search={search} onChange={put} />
        </details>
        <div className={page.main}>
          <Tools search={search} put={put} total={data?.listings.totalCount} />
          {data === undefined && error !== undefined && <Failure error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />}
          {data === undefined && error === undefined && <Skeleton lines={14} />}
          {data !== undefined && <Results search={search} put={put} listings={data.listings} isStale={stale} />}
        </div>
      </div>
    </div>
  );
}

interface Props {
  search: ListingsSearch;
  put: (next: ListingsChange) => void;
}

interface Total {
  /** How many listings are found; undefined until that is known. */
  total: string | undefined;
}

function Tools({ search, put, total }: Props & Total) {
  const intl = useIntl();
  const [typed, setTyped] = useState(search.q ?? "");
  const label = intl.formatMessage({ id: "store.listings.search" });
  return (
    <Toolbar label={intl.formatMessage({ id: "store.listings.tools" })}>
      <SearchField
        label={label}
        placeholder={label}
        value={typed}
        onChange={(q) => {
          setTyped(q);
          put({ q });
        }}
      />
      <SelectField
        label={intl.formatMessage({ id: "store.listings.order" })}
        value={search.order ?? (search.q === undefined ? "NEWEST" : "BEST")}
        onChange={(order) => put({ order: order === "BEST" ? undefined : order })}
        choices={[
          ...(search.q === undefined ? [] : [{ value: "BEST" as const, label: intl.formatMessage({ id: "store.listings.order.BEST" }) }]),
          ...ORDERS.map((value) => ({ value, label: intl.formatMessage({ id: `store.listings.order.${value}` }) })),
        ]}
      />
      <Export search={search} total={total} />
    </Toolbar>
  );
}

interface ResultsProps extends Props {
  listings: ListingsQuery["listings"];
  isStale: boolean;
}

function Results({ search, put, listings, isStale }: ResultsProps) {
  const { nodes } = listings;
  if (nodes.length === 0) return <Nothing put={put} />;
  return (
    <div aria-busy={isStale}>
      <ul>
        {nodes.map((listing) => (
          <ListingRow key={listing.id} listing={listing} />
        ))}
      </ul>
      <Pager {...pagerProps(search, listings, (paging) => put(paging))} />
    </div>
  );
}

function Nothing({ put }: Pick<Props, "put">) {
  const cleared = { q: "", kind: undefined, category: "", meter: undefined, publisher: undefined, placement: undefined, licence: "" };
  return (
    <EmptyState
      title={<FormattedMessage id="store.listings.none" />}
      body={<FormattedMessage id="store.listings.none.body" />}
      action={
        <Button onPress={() => put({ ...cleared, free: false, answering: undefined, price: "" })}>
          <FormattedMessage id="store.listings.clear" />
        </Button>
      }
    />
  );
}

function Export({ search, total }: Pick<Props, "search"> & Total) {
  const client = useClient();
  const language = useApiLanguage();
  const fetchAll = (report: (done: number, total: number) => void) =>
    readAll({
      client,
      query: Listings,
      variables: (at) => ({ ...listingsVariables(search), ...at, language }),
      pick: ({ listings }) => listings,
      report,
    });
  return (
    <CsvButton<ListedListingFragment>
      filename="listings.csv"
      total={total}
      fetchAll={fetchAll}
      columns={[
        { header: "slug", value: ({ slug }) => slug },
        { header: "name", value: ({ name }) => name },
        { header: "kind", value: ({ kind }) => kind },
        { header: "store", value: ({ provider }) => provider.slug },
        { header: "licence", value: ({ licence }) => licence },
        { header: "offers", value: ({ offers }) => offers.totalCount },
        { header: "calls", value: ({ health }) => health?.calls ?? null },
        { header: "availability", value: ({ health }) => health?.availability ?? null },
      ]}
    />
  );
}
