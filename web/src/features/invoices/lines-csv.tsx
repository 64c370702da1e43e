// The lines of an invoice as a file.
import { useSay } from "@/lib/say";
import { CsvButton } from "@/ui/csv-button";
import type { InvoiceLineDetailFragment, OwedInvoiceQuery } from "./invoices.generated";

export function LinesCsv({ invoice }: { invoice: OwedInvoiceQuery["invoice"] }) {
  const say = useSay();
  return (
    <CsvButton<InvoiceLineDetailFragment>
      filename={`${invoice.id}.csv`}
      size="medium"
      rows={invoice.lines}
      columns={[
        { header: say("usage.invoices.line"), value: ({ number }) => String(number + 1) },
        { header: say("usage.invoices.kind"), value: ({ kind }) => kind },
        { header: say("usage.period.start"), value: ({ servicePeriod }) => servicePeriod.start },
        { header: say("usage.period.end"), value: ({ servicePeriod }) => servicePeriod.end },
        { header: say("usage.meter"), value: ({ meter }) => meter },
        { header: say("ui.class.FREE"), value: ({ free }) => free },
        { header: say("ui.class.VALUE_ADDED"), value: ({ valueAdded }) => valueAdded },
        { header: say("usage.invoices.exact"), value: ({ exact }) => exact },
        { header: say("usage.invoices.tax"), value: ({ tax }) => tax.amount },
        { header: say("usage.invoices.amount"), value: ({ amount }) => amount.amount },
        { header: say("usage.currency"), value: ({ amount }) => amount.currencyCode },
      ]}
    />
  );
}
