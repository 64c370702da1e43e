// The organization's listings by state, page by page.
import { Link } from "@tanstack/react-router";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { QueryTable } from "@/ui/query-table";
import { Instant } from "@/ui/time";
import type { ReactNode } from "react";
import { KindName, ListingBadges } from "./listing-badges";
import { LISTING_STATES, type ListingState } from "./listing-kinds";
import styles from "./listing-list.module.css";
import { SellListings, type SellListingsQuery } from "./sell-listings.generated";

export interface ListingSearch extends Paging {
  state?: ListingState | undefined;
}

type Row = SellListingsQuery["myListings"]["nodes"][number];

interface Props {
  search: ListingSearch;
  go: (search: ListingSearch) => void;
  /** What stands here where there is no listing at all. */
  nothing: ReactNode;
}

export function ListingList({ search, go, nothing }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const { state } = search;
  const choices = [{ value: "ALL" as const, label: say("sell.listings.all") }, ...LISTING_STATES.map((each) => ({ value: each, label: say(`ui.state.${each}`) }))];
  return (
    <QueryTable
      query={SellListings}
      variables={(page) => ({ state: state ?? null, language, ...page })}
      pick={({ myListings }) => myListings}
      caption={say("sell.listings.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={search}
      go={(paging) => go({ ...search, ...paging })}
      empty={say("sell.listings.none")}
      {...(state === undefined ? { nothing } : {})}
      filtersLabel={say("sell.listings.filter")}
      filters={
        <SelectField
          label={say("sell.listings.state")}
          value={state ?? "ALL"}
          onChange={(chosen) => go({ state: chosen === "ALL" ? undefined : chosen, size: search.size })}
          choices={choices}
        />
      }
      csv={{
        filename: "listings.csv",
        columns: [
          { header: say("sell.listings.column.name"), value: ({ name }) => name },
          { header: say("sell.listings.column.address"), value: ({ slug }) => slug },
          { header: say("sell.listings.column.kind"), value: ({ kind }) => kind },
          { header: say("sell.listings.column.state"), value: ({ state }) => state },
          { header: say("sell.listings.column.version"), value: ({ version }) => (version === null ? null : String(version.number)) },
          { header: say("sell.listings.column.capabilities"), value: ({ capabilities }) => String(capabilities.length) },
          { header: say("sell.listings.column.offers"), value: ({ offers }) => offers.totalCount },
          { header: say("sell.listings.column.updated"), value: ({ updatedAt }) => updatedAt },
          { header: say("sell.listings.column.note"), value: ({ reviewNote }) => reviewNote },
        ],
      }}
    />
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  return [
    {
      key: "name",
      header: say("sell.listings.column.name"),
      isRowHeader: true,
      cell: ({ id, name, slug }) => (
        <span className={styles.name}>
          <Link to="/sell/listings/$id" params={{ id }}>
            <bdi>{name}</bdi>
          </Link>
          <span className={styles.slug}>{slug}</span>
        </span>
      ),
    },
    { key: "kind", header: say("sell.listings.column.kind"), cell: ({ kind }) => <KindName kind={kind} /> },
    { key: "state", header: say("sell.listings.column.state"), cell: (row) => <ListingBadges {...row} /> },
    { key: "version", header: say("sell.listings.column.version"), align: "end", cell: ({ version }) => version?.number ?? "–" },
    { key: "capabilities", header: say("sell.listings.column.capabilities"), align: "end", cell: ({ capabilities }) => capabilities.length },
    {
      key: "offers",
      header: say("sell.listings.column.offers"),
      align: "end",
      cell: ({ id, offers }) => (
        <Link to="/sell/listings/$id/offers" params={{ id }}>
          {offers.totalCount}
        </Link>
      ),
    },
    { key: "updated", header: say("sell.listings.column.updated"), align: "end", cell: ({ updatedAt }) => <Instant value={updatedAt} format="relative" /> },
  ];
}
