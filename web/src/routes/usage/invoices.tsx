// Invoices by state and agreement.
import { getRouteApi } from "@tanstack/react-router";
import { Needs } from "@/features/accounts/needs";
import { invoiceFilter } from "@/features/invoices/choice";
import { InvoiceFilters } from "@/features/invoices/invoice-filters";
import { InvoicesCsv, InvoiceTable } from "@/features/invoices/invoice-table";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/usage/invoices");

export function Invoices() {
  const say = useSay();
  useHead(say("usage.invoices.title"));
  const { trail, size, ...chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const paging = { trail, size };
  const filter = invoiceFilter(chosen, useZone());
  return (
    <>
      <PageHeader title={say("usage.invoices.title")} lead={say("usage.invoices.lead")} />
      <Needs scope="BILLING_READ">
        <InvoiceFilters chosen={chosen} onChange={(next) => void navigate({ search: { ...next, size }, resetScroll: false })}>
          <InvoicesCsv filter={filter} />
        </InvoiceFilters>
        <InvoiceTable filter={filter} paging={paging} go={(next) => void navigate({ search: { ...chosen, ...next }, resetScroll: false })} />
      </Needs>
    </>
  );
}
