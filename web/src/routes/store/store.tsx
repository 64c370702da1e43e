// A store's public page in its own colours, and what it lists.
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { FormattedMessage } from "react-intl";
import { useQuery } from "urql";
import { ListingRow } from "@/features/listings/listing-row";
import { brand, StoreMark } from "@/features/stores/store-mark";
import { StorePage as Query, type StorePageQuery } from "@/features/stores/stores.generated";
import { useHead } from "@/lib/head";
import { pageArguments, pagerProps, validPaging } from "@/lib/paging";
import { useApiLanguage } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { Section } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { EmptyState, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";
import { NotFound } from "../fallbacks";
import page from "./page.module.css";
import styles from "./store.module.css";

const route = getRouteApi("/store/stores/$slug");

type Store = NonNullable<StorePageQuery["store"]>;

export function StorePage() {
  const { slug } = route.useParams();
  const variables = { slug, ...pageArguments(route.useSearch()), language: useApiLanguage() };
  const [{ data, error }, retry] = useQuery({ query: Query, variables });
  if (data?.store === null) return <NotFound />;
  return (
    <div className={page.page}>
      {data !== undefined && data.store !== undefined && <Found store={data.store} />}
      {data === undefined && error === undefined && <Skeleton lines={12} />}
      {data === undefined && error !== undefined && (
        <Failure isPage error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      )}
    </div>
  );
}

function Found({ store }: { store: Store }) {
  const navigate = useNavigate({ from: "/stores/$slug" });
  const search = route.useSearch();
  useHead(store.name, store.description);
  return (
    <>
      <header className={styles.header} style={brand(store.accent)}>
        <StoreMark store={store} isLarge />
        <div className={styles.words}>
          <h1 className={styles.name}>
            <bdi>{store.name}</bdi>
          </h1>
          <p className={styles.facts}>
            <Badge tone="faint">
              <FormattedMessage id={`store.publisher.${store.kind}`} />
            </Badge>
            <span>
              <FormattedMessage id="store.store.since" values={{ date: <Instant value={store.openedAt} format="date" /> }} />
            </span>
            <Website address={store.website} />
          </p>
          <p className={styles.description}>
            <bdi>{store.description}</bdi>
          </p>
        </div>
      </header>
      <Section title={<FormattedMessage id="nav.listings" />}>
        {store.listings.nodes.length === 0 ? (
          <EmptyState title={<FormattedMessage id="store.store.empty" />} body={<FormattedMessage id="store.store.empty.body" />} />
        ) : (
          <>
            <ul className={styles.listings}>
              {store.listings.nodes.map((listing) => (
                <ListingRow key={listing.id} listing={listing} withStore={false} heading="h3" />
              ))}
            </ul>
            <Pager
              {...pagerProps(search, store.listings, (paging) => void navigate({ search: () => validPaging({ ...paging }) }))}
            />
          </>
        )}
      </Section>
    </>
  );
}

function Website({ address }: { address: string | null }) {
  if (address === null || !/^https?:\/\//i.test(address)) return null;
  return (
    <a href={address} rel="noopener noreferrer nofollow">
      <bdi>{address.replace(/^https?:\/\//i, "").replace(/\/$/, "")}</bdi>
    </a>
  );
}
