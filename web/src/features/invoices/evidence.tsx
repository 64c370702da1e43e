// Where the usage behind an invoice is recorded: gapless numbers, so that an omission would show.
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { DataTable } from "@/ui/data-table";
import type { OwedInvoiceQuery } from "./invoices.generated";

export function Evidence({ ranges }: Pick<OwedInvoiceQuery["invoice"], "ranges">) {
  const say = useSay();
  return (
    <DataTable
      caption={say("usage.invoices.ranges")}
      rows={ranges}
      rowKey={({ stream, first }) => `${stream} ${first}`}
      empty={say("usage.invoices.evidence.none")}
      columns={[
        { key: "stream", header: say("usage.invoices.stream"), isRowHeader: true, cell: ({ stream }) => <code>{stream}</code> },
        { key: "first", header: say("usage.invoices.first"), align: "end", cell: ({ first }) => groupDigits(first) },
        { key: "last", header: say("usage.invoices.last"), align: "end", cell: ({ last }) => groupDigits(last) },
      ]}
    />
  );
}
