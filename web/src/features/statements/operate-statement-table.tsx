// What the platform owes its providers, by month and currency.
import { Link } from "@tanstack/react-router";
import type { StatementFilter, StatementState } from "@/gql/types";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DelayedSearch } from "@/ui/delayed-search";
import { Money } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Period } from "@/ui/time";
import { STATEMENT_STATES } from "../operate/choices";
import { ClearFilters, OrganizationLink } from "../operate/parts";
import { IssueStatement } from "./issue-statement";
import { OperateStatements, type OperateStatementRowFragment } from "./operate-statements.generated";

export interface StatementsChoice extends Paging {
  state?: StatementState | undefined;
  seller?: string | undefined;
}

export function OperateStatementTable({ choice, go }: { choice: StatementsChoice; go: (choice: StatementsChoice) => void }) {
  const say = useSay();
  const { state, seller, size } = choice;
  const narrow = (next: StatementsChoice) => go({ state, seller, size, ...next });
  const filter: StatementFilter = { ...(state === undefined ? {} : { state }), ...(seller === undefined ? {} : { seller }) };
  const isFiltered = state !== undefined || seller !== undefined;
  return (
    <QueryTable
      query={OperateStatements}
      variables={(page) => ({ ...page, filter })}
      pick={(data) => data.statements}
      caption={say("operate.statements.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ state, seller, ...paging })}
      empty={say("operate.nothingMatches")}
      {...(isFiltered ? {} : { nothing: <EmptyState title={say("operate.statements.empty")} body={say("operate.statements.empty.body")} /> })}
      filters={
        <>
          <SelectField
            label={say("operate.column.state")}
            value={state ?? "all"}
            onChange={(next) => narrow({ state: next === "all" ? undefined : next })}
            choices={[{ value: "all" as const, label: say("operate.filters.all") }, ...STATEMENT_STATES.map((value) => ({ value, label: say(`ui.state.${value}`) }))]}
          />
          <DelayedSearch
            label={say("operate.filter.sellerId")}
            placeholder="org_…"
            value={seller ?? ""}
            onSearch={(next) => narrow({ seller: next === "" ? undefined : next })}
          />
          <ClearFilters isFiltered={isFiltered} onClear={() => go({ size })} />
        </>
      }
      csv={{
        filename: "statements.csv",
        columns: [
          { header: say("operate.column.id"), value: ({ id }) => id },
          { header: say("operate.column.seller"), value: (row) => row.seller.name },
          { header: say("operate.column.state"), value: (row) => row.state },
          { header: say("operate.column.periodStart"), value: ({ period }) => period.start },
          { header: say("operate.column.periodEnd"), value: ({ period }) => period.end },
          { header: say("operate.column.currency"), value: ({ currencyCode }) => currencyCode },
          { header: say("operate.statements.gross"), value: ({ gross }) => gross.amount },
          { header: say("operate.statements.commission"), value: ({ commission }) => commission.amount },
          { header: say("operate.statements.share"), value: ({ share }) => share.amount },
          { header: say("operate.statements.issuedAt"), value: ({ issuedAt }) => issuedAt },
        ],
      }}
    />
  );
}

function useColumns(): Column<OperateStatementRowFragment>[] {
  const say = useSay();
  return [
    {
      key: "period",
      header: say("operate.statements.month"),
      isRowHeader: true,
      cell: ({ id, period }) => (
        <Link to="/operate/statements/$id" params={{ id }}>
          <Period {...period} />
        </Link>
      ),
    },
    { key: "seller", header: say("operate.column.seller"), cell: ({ seller }) => <OrganizationLink organization={seller} /> },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "gross", header: say("operate.statements.gross"), align: "end", cell: ({ gross }) => <Money {...gross} /> },
    { key: "commission", header: say("operate.statements.commission"), align: "end", cell: ({ commission }) => <Money {...commission} /> },
    { key: "share", header: say("operate.statements.share"), align: "end", cell: ({ share }) => <Money {...share} /> },
    { key: "act", header: say("operate.column.act"), cell: (statement) => <IssueStatement statement={statement} size="small" /> },
  ];
}
