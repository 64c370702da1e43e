// The single calls and reports that an invoice bills, as their seller reads them: behind each line, and all as a file.
import { useClient } from "urql";
import { LineCalls } from "@/features/invoices/line-calls";
import { ReceiptDialog } from "@/features/receipts/receipt-dialog";
import { readAll } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { ClassBadge } from "@/ui/badge";
import { CsvButton } from "@/ui/csv-button";
import type { Column } from "@/ui/data-table";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { Instant } from "@/ui/time";
import { SellCalls, SellLineCalls, type SellCallFragment } from "./sell-statements.generated";
import styles from "./statements.module.css";

export function SaleCalls({ invoice, number }: { invoice: string; number: number }) {
  return <LineCalls invoice={invoice} number={number} query={SellLineCalls} columns={useColumns()} />;
}

/** All that the invoice bills, each once however many lines it is behind. */
export function SaleCallsCsv({ invoice, total }: { invoice: string; total: string | undefined }) {
  const say = useSay();
  const client = useClient();
  const language = useApiLanguage();
  return (
    <CsvButton<SellCallFragment>
      filename={`calls-${invoice}.csv`}
      label={say("sell.calls.csv")}
      total={total}
      fetchAll={(report) =>
        readAll({
          client,
          query: SellCalls,
          variables: (page) => ({ invoice, language, ...page }),
          pick: (data) => data.invoice.invocations,
          report,
        })
      }
      columns={[
        { header: say("sell.calls.at"), value: ({ requestedAt }) => requestedAt },
        { header: say("sell.calls.id"), value: ({ id }) => id },
        { header: say("sell.calls.kind"), value: ({ kind }) => kind },
        { header: say("sell.calls.sequence"), value: ({ sequence }) => sequence },
        { header: say("sell.calls.capability"), value: ({ capability }) => capability?.name },
        { header: say("sell.calls.usage"), value: ({ usage }) => usage.map((each) => `${each.quantity} ${each.meter} ${each.class}`).join("; ") },
        { header: say("sell.calls.charge"), value: ({ estimatedCharge }) => estimatedCharge },
        { header: say("sell.statements.currency"), value: ({ currencyCode }) => currencyCode },
      ]}
    />
  );
}

function useColumns(): Column<SellCallFragment>[] {
  const say = useSay();
  return [
    { key: "at", header: say("sell.calls.at"), isRowHeader: true, cell: ({ requestedAt }) => <Instant value={requestedAt} format="precise" /> },
    {
      key: "capability",
      header: say("sell.calls.capability"),
      cell: ({ capability }) => (capability === null ? say("sell.calls.report") : <bdi>{capability.name}</bdi>),
    },
    {
      key: "usage",
      header: say("sell.calls.usage"),
      cell: ({ usage }) => (
        <ul className={styles.steps}>
          {usage.map((each) => (
            <li key={`${each.meter} ${each.class}`}>
              <Quantity value={each.quantity} meter={each.meter} /> <ClassBadge value={each.class} />
            </li>
          ))}
        </ul>
      ),
    },
    { key: "charge", header: say("sell.calls.charge"), align: "end", cell: ({ estimatedCharge, currencyCode }) => <ExactCharge exact={estimatedCharge} currencyCode={currencyCode} /> },
    { key: "sequence", header: say("sell.calls.sequence"), align: "end", cell: ({ sequence }) => <Quantity value={sequence} /> },
    { key: "receipt", header: say("ui.receipt"), cell: ({ id }) => <ReceiptDialog id={id} of={id} /> },
  ];
}
