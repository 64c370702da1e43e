// What the platform owes, month by month and currency by currency.
import { Link } from "@tanstack/react-router";
import { useClient, useQuery } from "urql";
import { pageArguments, readAll, type Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { CsvButton } from "@/ui/csv-button";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { PagedTable } from "@/ui/paged-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { useMonth } from "./month";
import { SellStatements, type SellStatementsQuery } from "./sell-statements.generated";

type Row = SellStatementsQuery["statements"]["nodes"][number];

interface Props {
  paging: Paging;
  go: (paging: Paging) => void;
}

export function StatementList({ paging, go }: Props) {
  const say = useSay();
  const [{ data, error }, ask] = useQuery({ query: SellStatements, variables: pageArguments(paging) });
  return (
    <Section title={say("sell.statements.list")} note={say("sell.statements.list.note")} actions={<Csv />}>
      <PagedTable
        caption={say("sell.statements.list")}
        columns={useColumns()}
        page={data?.statements}
        error={error}
        onRetry={() => ask({ requestPolicy: "network-only" })}
        rowKey={({ id }) => id}
        paging={paging}
        go={go}
        nothing={<EmptyState title={say("sell.statements.empty")} body={say("sell.statements.empty.body")} />}
      />
    </Section>
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  const month = useMonth();
  return [
    {
      key: "month",
      header: say("sell.statements.month"),
      isRowHeader: true,
      cell: ({ id, period, share }) => (
        <Link to="/sell/statements/$id" params={{ id }}>
          {month(period.start)} · {share.currencyCode}
        </Link>
      ),
    },
    { key: "state", header: say("sell.statements.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "lines", header: say("sell.statements.lines"), align: "end", cell: ({ lines }) => lines.totalCount },
    { key: "gross", header: say("sell.statements.gross"), align: "end", cell: ({ gross }) => <Money {...gross} /> },
    { key: "commission", header: say("sell.statements.commission"), align: "end", cell: ({ commission }) => <Money {...commission} /> },
    { key: "share", header: say("sell.statements.share"), align: "end", cell: ({ share }) => <Money {...share} /> },
    { key: "issued", header: say("sell.statements.issued"), align: "end", cell: ({ issuedAt }) => (issuedAt === null ? "–" : <Instant value={issuedAt} format="date" />) },
  ];
}

function Csv() {
  const say = useSay();
  const client = useClient();
  return (
    <CsvButton<Row>
      filename="statements.csv"
      columns={[
        { header: say("sell.statements.month"), value: ({ period }) => period.start.slice(0, 7) },
        { header: say("sell.statements.state"), value: ({ state }) => state },
        { header: say("sell.statements.currency"), value: ({ share }) => share.currencyCode },
        { header: say("sell.statements.gross"), value: ({ gross }) => gross.amount },
        { header: say("sell.statements.commission"), value: ({ commission }) => commission.amount },
        { header: say("sell.statements.share"), value: ({ share }) => share.amount },
        { header: say("sell.statements.issued"), value: ({ issuedAt }) => issuedAt },
      ]}
      fetchAll={(report) => readAll({ client, query: SellStatements, variables: (page) => page, pick: ({ statements }) => statements, report })}
    />
  );
}
