// Invoices by state and agreement.
import { getRouteApi } from "@tanstack/react-router";
import { Needs } from "@/features/accounts/needs";
import { InvoiceTable } from "@/features/invoices/invoice-table";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/usage/invoices");

export function Invoices() {
  const say = useSay();
  useHead(say("usage.invoices.title"));
  const { trail, size, ...chosen } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={say("usage.invoices.title")} lead={say("usage.invoices.lead")} />
      <Needs scope="BILLING_READ">
        <InvoiceTable
          chosen={chosen}
          onChange={(next) => void navigate({ search: { ...next, size }, resetScroll: false })}
          paging={{ trail, size }}
          go={(next) => void navigate({ search: { ...chosen, ...next }, resetScroll: false })}
        />
      </Needs>
    </>
  );
}
