// The catalog: all 228 capabilities by category, narrowed by what is looked for.
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { CapabilityMap, FoundCapabilities, type CapabilityMapQuery } from "@/features/market/map.generated";
import { TileGrid } from "@/features/market/tile-grid";
import { grouped, type Group } from "@/features/market/tiles";
import { useDelayed } from "@/lib/delayed";
import { useHead } from "@/lib/head";
import { useApiLanguage } from "@/lib/say";
import { Chip } from "@/ui/chip";
import { CsvButton } from "@/ui/csv-button";
import { Failure } from "@/ui/failure";
import { PageHeader, Section, Toolbar } from "@/ui/page";
import { EmptyState, Skeleton } from "@/ui/state";
import { SearchField } from "@/ui/text-field";
import { CheckboxField } from "@/ui/choice-field";
import styles from "./capabilities.module.css";
import page from "./page.module.css";

const route = getRouteApi("/store/capabilities");

export function CapabilitiesPage() {
  const intl = useIntl();
  const [{ data, error }, retry] = useQuery({ query: CapabilityMap, variables: { language: useApiLanguage() } });
  useHead(intl.formatMessage({ id: "nav.capabilities" }), intl.formatMessage({ id: "store.capabilities.lead" }));
  return (
    <div className={page.page}>
      <PageHeader title={<FormattedMessage id="nav.capabilities" />} lead={<FormattedMessage id="store.capabilities.lead" />} />
      {data !== undefined && <Catalog data={data} />}
      {data === undefined && error === undefined && <Skeleton lines={16} />}
      {data === undefined && error !== undefined && (
        <Failure error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      )}
    </div>
  );
}

function Catalog({ data }: { data: CapabilityMapQuery }) {
  const intl = useIntl();
  const navigate = useNavigate({ from: "/capabilities" });
  const search = route.useSearch();
  const [typed, setTyped] = useState(search.q ?? "");
  const found = useFound(typed);
  const groups = narrowed(grouped(data), search.category, search.callable === true, found);
  const put = (next: Partial<typeof search>) => void navigate({ search: (before) => kept({ ...before, ...next }), replace: true });
  const category = data.categories.find(({ slug }) => slug === search.category);
  return (
    <>
      <Toolbar label={intl.formatMessage({ id: "store.capabilities.narrow" })}>
        <SearchField
          label={intl.formatMessage({ id: "store.capabilities.search" })}
          placeholder={intl.formatMessage({ id: "store.capabilities.search" })}
          value={typed}
          onChange={(q) => {
            setTyped(q);
            put({ q });
          }}
        />
        <CheckboxField
          label={intl.formatMessage({ id: "store.capabilities.callable" })}
          isSelected={search.callable === true}
          onChange={(callable) => put({ callable })}
        />
        <Export groups={groups} />
      </Toolbar>
      {category === undefined ? (
        <Categories groups={groups} />
      ) : (
        <p className={styles.chosen}>
          <Chip label={category.name} onRemove={() => put({ category: "" })} />
        </p>
      )}
      {groups.map((group) => (
        <Section
          key={group.category.slug}
          id={group.category.slug}
          title={group.category.name}
          note={
            <FormattedMessage
              id="store.map.count"
              values={{ answered: Number(group.category.answeredCount), total: Number(group.category.capabilityCount) }}
            />
          }
        >
          <TileGrid label={{ name: group.category.name }} tiles={group.tiles} />
        </Section>
      ))}
      {groups.length === 0 && (
        <EmptyState
          title={<FormattedMessage id="store.capabilities.none" />}
          body={<FormattedMessage id="store.capabilities.none.body" />}
        />
      )}
    </>
  );
}

/** The slugs that a search finds; null where nothing is looked for. */
function useFound(typed: string): ReadonlySet<string> | null {
  const search = useDelayed(typed.trim(), 150);
  const [{ data }] = useQuery({ query: FoundCapabilities, variables: { search }, pause: search === "" });
  return search === "" || data === undefined ? null : new Set(data.capabilities.nodes.map(({ slug }) => slug));
}

function narrowed(groups: Group[], category: string | undefined, isCallable: boolean, found: ReadonlySet<string> | null): Group[] {
  return groups
    .filter((group) => category === undefined || group.category.slug === category)
    .map((group) => ({
      ...group,
      tiles: group.tiles.filter((tile) => (!isCallable || tile.isAnswered) && (found === null || found.has(tile.slug))),
    }))
    .filter(({ tiles }) => tiles.length > 0);
}

function kept(search: { q?: string; category?: string; callable?: boolean }) {
  return {
    ...(search.q === undefined || search.q === "" ? {} : { q: search.q }),
    ...(search.category === undefined || search.category === "" ? {} : { category: search.category }),
    ...(search.callable === true ? { callable: true } : {}),
  };
}

function Categories({ groups }: { groups: readonly Group[] }) {
  const intl = useIntl();
  return (
    <nav aria-label={intl.formatMessage({ id: "store.capabilities.categories" })}>
      <ul className={styles.categories}>
        {groups.map(({ category, tiles }) => (
          <li key={category.slug}>
            <Link to="/capabilities" search={(before) => ({ ...before, category: category.slug })}>
              {category.name}
            </Link>{" "}
            <span className={styles.count}>{tiles.length}</span>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Export({ groups }: { groups: readonly Group[] }) {
  const rows = groups.flatMap(({ category, tiles }) => tiles.map((tile) => ({ category: category.name, tile })));
  return (
    <CsvButton
      filename="capabilities.csv"
      rows={rows}
      columns={[
        { header: "slug", value: ({ tile }) => tile.slug },
        { header: "name", value: ({ tile }) => tile.name },
        { header: "category", value: ({ category }) => category },
        { header: "listings", value: ({ tile }) => tile.listingCount },
        { header: "providers", value: ({ tile }) => tile.providerCount },
        { header: "lowest price", value: ({ tile }) => tile.lowest?.min ?? null },
        { header: "currency", value: ({ tile }) => tile.lowest?.currencyCode ?? null },
        { header: "per", value: ({ tile }) => tile.lowest?.meter ?? null },
      ]}
    />
  );
}
