// All stores on the market.
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useClient, useQuery } from "urql";
import { StoreMark } from "@/features/stores/store-mark";
import { Stores, type StoresQuery } from "@/features/stores/stores.generated";
import { useHead } from "@/lib/head";
import { pageArguments, pagerProps, readAll } from "@/lib/paging";
import { useApiLanguage } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { CsvButton } from "@/ui/csv-button";
import { Failure } from "@/ui/failure";
import { Quantity } from "@/ui/numbers";
import { PageHeader, Toolbar } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { EmptyState, Skeleton } from "@/ui/state";
import { SearchField } from "@/ui/text-field";
import page from "./page.module.css";
import { validateStores, type StoresSearch } from "./search";
import styles from "./stores.module.css";

const route = getRouteApi("/store/stores");

type Store = StoresQuery["stores"]["nodes"][number];

export function StoresPage() {
  const intl = useIntl();
  const navigate = useNavigate({ from: "/stores" });
  const search = route.useSearch();
  const [typed, setTyped] = useState(search.q ?? "");
  const label = intl.formatMessage({ id: "store.stores.search" });
  useHead(intl.formatMessage({ id: "nav.stores" }), intl.formatMessage({ id: "store.stores.lead" }));
  const variables = { ...pageArguments(search), search: search.q ?? null, language: useApiLanguage() };
  const [{ data, error }, retry] = useQuery({ query: Stores, variables });
  const put = (next: StoresSearch) => void navigate({ search: (before) => validateStores({ ...before, ...next }), replace: true });
  return (
    <div className={page.page}>
      <PageHeader title={<FormattedMessage id="nav.stores" />} lead={<FormattedMessage id="store.stores.lead" />} />
      <Toolbar label={label}>
        <SearchField
          label={label}
          placeholder={label}
          value={typed}
          onChange={(q) => {
            setTyped(q);
            put({ q, trail: undefined });
          }}
        />
        <Export search={search} total={data?.stores.totalCount} />
      </Toolbar>
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {data === undefined && error === undefined && <Skeleton lines={10} />}
      {data !== undefined && <Results stores={data.stores} search={search} put={put} />}
    </div>
  );
}

interface ResultsProps {
  stores: StoresQuery["stores"];
  search: StoresSearch;
  put: (next: StoresSearch) => void;
}

function Results({ stores, search, put }: ResultsProps) {
  if (stores.nodes.length === 0) {
    return (
      <EmptyState
        title={<FormattedMessage id="store.stores.none" />}
        body={<FormattedMessage id="store.stores.none.body" />}
        action={
          <Link to="/sell/store">
            <FormattedMessage id="store.stores.open" />
          </Link>
        }
      />
    );
  }
  return (
    <>
      <ul className={styles.stores}>
        {stores.nodes.map((store) => (
          <StoreCard key={store.id} store={store} />
        ))}
      </ul>
      <Pager {...pagerProps(search, stores, put)} />
    </>
  );
}

function StoreCard({ store }: { store: Store }) {
  return (
    <li className={styles.store}>
      <StoreMark store={store} />
      <div className={styles.words}>
        <h2 className={styles.name}>
          <Link to="/stores/$slug" params={{ slug: store.slug }}>
            <bdi>{store.name}</bdi>
          </Link>
        </h2>
        <p className={styles.facts}>
          <Badge tone="faint">
            <FormattedMessage id={`store.publisher.${store.kind}`} />
          </Badge>
          <span>
            <FormattedMessage id="store.stores.listings" values={{ count: <Quantity value={store.listingCount} /> }} />
          </span>
        </p>
        <p className={styles.description}>
          <bdi>{store.description}</bdi>
        </p>
      </div>
    </li>
  );
}

function Export({ search, total }: { search: StoresSearch; total: string | undefined }) {
  const client = useClient();
  const language = useApiLanguage();
  const fetchAll = (report: (done: number, total: number) => void) =>
    readAll({ client, query: Stores, variables: (at) => ({ ...at, search: search.q ?? null, language }), pick: ({ stores }) => stores, report });
  return (
    <CsvButton<Store>
      filename="stores.csv"
      total={total}
      fetchAll={fetchAll}
      columns={[
        { header: "slug", value: ({ slug }) => slug },
        { header: "name", value: ({ name }) => name },
        { header: "kind", value: ({ kind }) => kind },
        { header: "listings", value: ({ listingCount }) => listingCount },
      ]}
    />
  );
}
