// All organizations, narrowed by name and standing.
import { Link } from "@tanstack/react-router";
import type { OrganizationFilter } from "@/gql/types";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DelayedSearch } from "@/ui/delayed-search";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { STANDINGS } from "../operate/choices";
import { ClearFilters } from "../operate/parts";
import { OperateOrganizations, type OperateOrganizationsQuery } from "./operate-organizations.generated";

type Row = OperateOrganizationsQuery["organizations"]["nodes"][number];

type Standing = (typeof STANDINGS)[number];

export interface OrganizationsChoice extends Paging {
  search?: string | undefined;
  standing?: Standing | undefined;
}

function filterOf({ search, standing }: OrganizationsChoice): OrganizationFilter {
  return {
    ...(search === undefined ? {} : { search }),
    ...(standing === undefined ? {} : { operator: { isOperator: true }, active: { isSuspended: false }, suspended: { isSuspended: true } }[standing]),
  };
}

export function OrganizationTable({ choice, go }: { choice: OrganizationsChoice; go: (choice: OrganizationsChoice) => void }) {
  const say = useSay();
  const { search, standing, size } = choice;
  const narrow = (next: OrganizationsChoice) => go({ search, standing, size, ...next });
  const isFiltered = search !== undefined || standing !== undefined;
  return (
    <QueryTable
      query={OperateOrganizations}
      variables={(page) => ({ ...page, filter: filterOf(choice) })}
      pick={(data) => data.organizations}
      caption={say("operate.organizations.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ search, standing, ...paging })}
      empty={say("operate.nothingMatches")}
      {...(isFiltered ? {} : { nothing: <EmptyState title={say("operate.organizations.empty")} /> })}
      filters={
        <>
          <DelayedSearch label={say("operate.organizations.search")} value={search ?? ""} onSearch={(next) => narrow({ search: next === "" ? undefined : next })} />
          <SelectField
            label={say("operate.organizations.standing")}
            value={standing ?? "all"}
            onChange={(next) => narrow({ standing: next === "all" ? undefined : next })}
            choices={[
              { value: "all" as const, label: say("operate.filters.all") },
              ...STANDINGS.map((value) => ({ value, label: say(`operate.organizations.standing.${value}`) })),
            ]}
          />
          <ClearFilters isFiltered={isFiltered} onClear={() => go({ size })} />
        </>
      }
      csv={{
        filename: "organizations.csv",
        columns: [
          { header: say("operate.column.id"), value: ({ id }) => id },
          { header: say("operate.column.name"), value: ({ name }) => name },
          { header: say("operate.column.country"), value: ({ country }) => country },
          { header: say("operate.column.currency"), value: ({ currencyCode }) => currencyCode },
          { header: say("operate.column.store"), value: ({ store }) => store?.slug },
          { header: say("operate.organizations.suspendedBecause"), value: ({ suspendedBecause }) => suspendedBecause },
          { header: say("operate.organizations.joined"), value: ({ registeredAt }) => registeredAt },
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
      header: say("operate.column.name"),
      isRowHeader: true,
      cell: ({ id, name }) => (
        <Link to="/operate/organizations/$id" params={{ id }}>
          <bdi>{name}</bdi>
        </Link>
      ),
    },
    { key: "standing", header: say("operate.organizations.standing"), cell: (organization) => <Standings {...organization} /> },
    {
      key: "store",
      header: say("operate.column.store"),
      cell: ({ store }) =>
        store === null ? "–" : (
          <Link to="/stores/$slug" params={{ slug: store.slug }}>
            {store.slug}
          </Link>
        ),
    },
    { key: "country", header: say("operate.column.country"), cell: ({ country }) => country ?? "–" },
    { key: "currency", header: say("operate.column.currency"), cell: ({ currencyCode }) => currencyCode ?? "–" },
    {
      key: "joined",
      header: say("operate.organizations.joined"),
      cell: ({ registeredAt }) => (registeredAt === null ? "–" : <Instant value={registeredAt} format="date" />),
    },
  ];
}

/** Whether an organization acts freely, is suspended, or operates the platform. */
export function Standings({ isOperator, suspendedBecause }: Pick<Row, "isOperator" | "suspendedBecause">) {
  const say = useSay();
  if (suspendedBecause !== null) return <Badge tone="danger">{say("operate.organizations.standing.suspended")}</Badge>;
  if (isOperator) return <Badge tone="attention">{say("operate.organizations.standing.operator")}</Badge>;
  return <Badge tone="good">{say("operate.organizations.standing.active")}</Badge>;
}
