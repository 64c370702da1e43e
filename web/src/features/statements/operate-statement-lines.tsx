// The lines of one statement: each leads to the invoice it comes from, and gross is commission and share together.
import { Link } from "@tanstack/react-router";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { Period } from "@/ui/time";
import { OrganizationLink, TwoLines } from "../operate/parts";
import { OperateStatement, type OperateStatementQuery } from "./operate-statements.generated";

type Line = OperateStatementQuery["statement"]["lines"]["nodes"][number];

export function OperateStatementLines({ id, paging, go }: { id: string; paging: Paging; go: (paging: Paging) => void }) {
  const say = useSay();
  return (
    <QueryTable
      query={OperateStatement}
      variables={(page) => ({ id, ...page })}
      pick={(data) => data.statement.lines}
      caption={say("operate.statements.lines")}
      columns={useColumns()}
      rowKey={({ number }) => number}
      paging={paging}
      go={go}
      empty={say("operate.statements.noLines")}
      csv={{
        filename: `${id}.csv`,
        columns: [
          { header: say("operate.statements.line"), value: ({ number }) => number },
          { header: say("operate.column.kind"), value: ({ kind }) => kind },
          { header: say("operate.column.invoice"), value: ({ invoice }) => invoice.id },
          { header: say("operate.column.buyer"), value: ({ invoice }) => invoice.buyer.name },
          { header: say("operate.column.periodStart"), value: ({ servicePeriod }) => servicePeriod.start },
          { header: say("operate.column.periodEnd"), value: ({ servicePeriod }) => servicePeriod.end },
          { header: say("operate.column.currency"), value: ({ gross }) => gross.currencyCode },
          { header: say("operate.statements.gross"), value: ({ gross }) => gross.amount },
          { header: say("operate.statements.commission"), value: ({ commission }) => commission.amount },
          { header: say("operate.statements.share"), value: ({ share }) => share.amount },
        ],
      }}
    />
  );
}

function useColumns(): Column<Line>[] {
  const say = useSay();
  return [
    {
      key: "invoice",
      header: say("operate.column.invoice"),
      isRowHeader: true,
      cell: ({ invoice, servicePeriod }) => (
        <TwoLines
          first={
            <Link to="/operate/invoices/$id" params={{ id: invoice.id }}>
              <Period {...servicePeriod} zone={invoice.agreement.timeZone} />
            </Link>
          }
          second={invoice.id}
        />
      ),
    },
    { key: "buyer", header: say("operate.column.buyer"), cell: ({ invoice }) => <OrganizationLink organization={invoice.buyer} /> },
    {
      key: "kind",
      header: say("operate.column.kind"),
      cell: ({ kind }) => <Badge tone={kind === "SALE" ? "neutral" : "attention"}>{say(`operate.statements.kind.${kind}`)}</Badge>,
    },
    { key: "gross", header: say("operate.statements.gross"), align: "end", cell: ({ gross }) => <Money {...gross} /> },
    { key: "commission", header: say("operate.statements.commission"), align: "end", cell: ({ commission }) => <Money {...commission} /> },
    { key: "share", header: say("operate.statements.share"), align: "end", cell: ({ share }) => <Money {...share} /> },
  ];
}
