// What the platform owes, month by month and currency by currency.
import { Link } from "@tanstack/react-router";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/numbers";
import { QuerySection } from "@/ui/query-table";
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
  return (
    <QuerySection
      query={SellStatements}
      variables={(page) => page}
      pick={({ statements }) => statements}
      caption={say("sell.statements.list")}
      note={say("sell.statements.list.note")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      nothing={<EmptyState title={say("sell.statements.empty")} body={say("sell.statements.empty.body")} />}
      csv={{
        filename: "statements.csv",
        columns: [
          { header: say("sell.statements.month"), value: ({ period }) => period.start.slice(0, 7) },
          { header: say("sell.statements.state"), value: ({ state }) => state },
          { header: say("sell.statements.currency"), value: ({ share }) => share.currencyCode },
          { header: say("sell.statements.gross"), value: ({ gross }) => gross.amount },
          { header: say("sell.statements.commission"), value: ({ commission }) => commission.amount },
          { header: say("sell.statements.share"), value: ({ share }) => share.amount },
          { header: say("sell.statements.issued"), value: ({ issuedAt }) => issuedAt },
        ],
      }}
    />
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
