// The catalog and who covers it, narrowed by words, category, meter and whether it can be called.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import type { CapabilityFilter, Meter } from "@/gql/types";
import { METERS } from "@/lib/meters";
import { formatMoney, trimZeros } from "@/lib/numbers";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DelayedSearch } from "@/ui/delayed-search";
import { QueryTable } from "@/ui/query-table";
import { ClearFilters, TwoLines } from "../operate/parts";
import { OperateCapabilities, OperateCategories, type OperateCapabilitiesQuery } from "./operate-capabilities.generated";
import { PriceRanges } from "./price-ranges";

type Row = OperateCapabilitiesQuery["capabilities"]["nodes"][number];

export interface CapabilitiesChoice extends Paging {
  search?: string | undefined;
  category?: string | undefined;
  answered?: "yes" | "no" | undefined;
  meter?: Meter | undefined;
}

function filterOf({ category, answered, meter }: CapabilitiesChoice): CapabilityFilter {
  return {
    ...(category === undefined ? {} : { category }),
    ...(answered === undefined ? {} : { isAnswered: answered === "yes" }),
    ...(meter === undefined ? {} : { meter }),
  };
}

interface Props {
  choice: CapabilitiesChoice;
  go: (choice: CapabilitiesChoice) => void;
}

export function CapabilityTable({ choice, go }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const { trail: _, ...chosen } = choice;
  const { search, size } = choice;
  const isFiltered = search !== undefined || Object.keys(filterOf(choice)).length > 0;
  return (
    <QueryTable
      query={OperateCapabilities}
      variables={(page) => ({ ...page, filter: filterOf(choice), search: search ?? null, language })}
      pick={(data) => data.capabilities}
      caption={say("operate.capabilities.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ ...chosen, ...paging })}
      empty={say("operate.nothingMatches")}
      filters={
        <Filters choice={choice} narrow={(next) => go({ ...chosen, ...next })}>
          <ClearFilters isFiltered={isFiltered} onClear={() => go({ size })} />
        </Filters>
      }
      csv={{
        filename: "capabilities.csv",
        columns: [
          { header: say("operate.column.slug"), value: ({ slug }) => slug },
          { header: say("operate.column.name"), value: ({ name }) => name },
          { header: say("operate.column.category"), value: ({ category }) => category.slug },
          { header: say("operate.column.meter"), value: ({ meter }) => meter },
          { header: say("operate.capabilities.contract"), value: ({ contract }) => contract?.version.toString() },
          { header: say("operate.capabilities.listings"), value: ({ coverage }) => coverage.listingCount },
          { header: say("operate.capabilities.providers"), value: ({ coverage }) => coverage.providerCount },
          { header: say("operate.capabilities.prices"), value: ({ coverage }) => coverage.priceRanges.map(asText).join("; ") },
        ],
      }}
    />
  );
}

function asText({ min, max, currencyCode, meter }: Row["coverage"]["priceRanges"][number]): string {
  const from = formatMoney(trimZeros(min), currencyCode, "en");
  return `${min === max ? from : `${from} – ${formatMoney(trimZeros(max), currencyCode, "en")}`} / ${meter}`;
}

function Filters({ choice, narrow, children }: { choice: CapabilitiesChoice; narrow: (next: CapabilitiesChoice) => void; children: ReactNode }) {
  const say = useSay();
  const [{ data }] = useQuery({ query: OperateCategories, variables: { language: useApiLanguage() } });
  const all = { value: "all" as const, label: say("operate.filters.all") };
  return (
    <>
      <DelayedSearch
        label={say("operate.capabilities.search")}
        value={choice.search ?? ""}
        onSearch={(next) => narrow({ search: next === "" ? undefined : next })}
      />
      <SelectField
        label={say("operate.column.category")}
        value={choice.category ?? "all"}
        onChange={(next) => narrow({ category: next === "all" ? undefined : next })}
        choices={[all, ...(data?.categories ?? []).map(({ slug, name }) => ({ value: slug, label: name }))]}
      />
      <SelectField
        label={say("operate.column.meter")}
        value={choice.meter ?? "all"}
        onChange={(next) => narrow({ meter: next === "all" ? undefined : next })}
        choices={[all, ...METERS.map((value) => ({ value, label: say(`operate.meter.${value}`) }))]}
      />
      <SelectField
        label={say("operate.capabilities.coverage")}
        value={choice.answered ?? "all"}
        onChange={(next) => narrow({ answered: next === "all" ? undefined : next })}
        choices={[all, { value: "yes" as const, label: say("operate.capabilities.answered") }, { value: "no" as const, label: say("operate.capabilities.unanswered") }]}
      />
      {children}
    </>
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  return [
    {
      key: "name",
      header: say("operate.column.capability"),
      isRowHeader: true,
      cell: ({ slug, name }) => (
        <TwoLines
          first={
            <Link to="/operate/capabilities/$slug" params={{ slug }}>
              {name}
            </Link>
          }
          second={slug}
        />
      ),
    },
    { key: "category", header: say("operate.column.category"), cell: ({ category }) => category.name },
    { key: "meter", header: say("operate.column.meter"), cell: ({ meter }) => say(`operate.meter.${meter}`) },
    {
      key: "contract",
      header: say("operate.capabilities.contract"),
      cell: ({ contract }) =>
        contract === null ? <Badge tone="faint">{say("operate.capabilities.noContract")}</Badge> : say("operate.review.version", { number: contract.version }),
    },
    { key: "listings", header: say("operate.capabilities.listings"), align: "end", cell: ({ coverage }) => coverage.listingCount },
    { key: "providers", header: say("operate.capabilities.providers"), align: "end", cell: ({ coverage }) => coverage.providerCount },
    { key: "prices", header: say("operate.capabilities.prices"), align: "end", cell: ({ coverage }) => <PriceRanges ranges={coverage.priceRanges} /> },
  ];
}
