// The lines of a statement: each is an invoice, or takes one back.
import { Link } from "@tanstack/react-router";
import { useClient } from "urql";
import { readAll, type Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { CsvButton } from "@/ui/csv-button";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { PagedTable } from "@/ui/paged-table";
import { EmptyState } from "@/ui/state";
import { Period } from "@/ui/time";
import { SellStatement, type SellStatementQuery } from "./sell-statements.generated";

type Statement = SellStatementQuery["statement"];
type Row = Statement["lines"]["nodes"][number];

interface Props {
  statement: Statement;
  paging: Paging;
  go: (paging: Paging) => void;
}

export function StatementLines({ statement, paging, go }: Props) {
  const say = useSay();
  return (
    <Section title={say("sell.statement.lines")} note={say("sell.statement.lines.note")} actions={<Csv statement={statement} />}>
      <PagedTable
        caption={say("sell.statement.lines")}
        columns={useColumns(statement.id)}
        page={statement.lines}
        error={undefined}
        onRetry={() => undefined}
        rowKey={({ number }) => number}
        paging={paging}
        go={go}
        nothing={<EmptyState title={say("sell.statement.lines.empty")} body={say("sell.statement.lines.empty.body")} />}
      />
    </Section>
  );
}

function useColumns(statement: string): Column<Row>[] {
  const say = useSay();
  return [
    { key: "number", header: say("sell.statement.number"), align: "end", cell: ({ number }) => String(Number(number) + 1) },
    {
      key: "invoice",
      header: say("sell.statement.invoice"),
      isRowHeader: true,
      cell: ({ invoice, kind }) => (
        <>
          <Link to="/sell/invoices/$id" params={{ id: invoice.id }} search={{ statement }}>
            <bdi>{invoice.agreement.listing.name}</bdi>
          </Link>{" "}
          {kind === "REVERSAL" && <Badge tone="attention">{say("sell.statement.REVERSAL")}</Badge>}
        </>
      ),
    },
    { key: "buyer", header: say("sell.statement.buyer"), cell: ({ invoice }) => <bdi>{invoice.buyer.name}</bdi> },
    { key: "period", header: say("sell.statement.period"), cell: ({ invoice, servicePeriod }) => <Period {...servicePeriod} zone={invoice.agreement.timeZone} /> },
    { key: "gross", header: say("sell.statements.gross"), align: "end", cell: ({ gross }) => <Money {...gross} /> },
    { key: "commission", header: say("sell.statements.commission"), align: "end", cell: ({ commission }) => <Money {...commission} /> },
    { key: "share", header: say("sell.statements.share"), align: "end", cell: ({ share }) => <Money {...share} /> },
  ];
}

function Csv({ statement }: { statement: Statement }) {
  const say = useSay();
  const client = useClient();
  const language = useApiLanguage();
  return (
    <CsvButton<Row>
      filename={`statement-${statement.period.start.slice(0, 7)}-${statement.currencyCode}.csv`}
      columns={[
        { header: say("sell.statement.number"), value: ({ number }) => String(Number(number) + 1) },
        { header: say("sell.statement.kind"), value: ({ kind }) => kind },
        { header: say("sell.statement.invoice"), value: ({ invoice }) => invoice.id },
        { header: say("sell.listings.column.name"), value: ({ invoice }) => invoice.agreement.listing.name },
        { header: say("sell.statement.buyer"), value: ({ invoice }) => invoice.buyer.name },
        { header: `${say("sell.statement.period")} ↦`, value: ({ servicePeriod }) => servicePeriod.start },
        { header: `${say("sell.statement.period")} ⇥`, value: ({ servicePeriod }) => servicePeriod.end },
        { header: say("sell.statements.currency"), value: ({ gross }) => gross.currencyCode },
        { header: say("sell.statements.gross"), value: ({ gross }) => gross.amount },
        { header: say("sell.statements.commission"), value: ({ commission }) => commission.amount },
        { header: say("sell.statements.share"), value: ({ share }) => share.amount },
      ]}
      total={statement.lines.totalCount}
      fetchAll={(report) =>
        readAll({
          client,
          query: SellStatement,
          variables: (page) => ({ id: statement.id, language, ...page }),
          pick: (data) => data.statement.lines,
          report,
        })
      }
    />
  );
}
