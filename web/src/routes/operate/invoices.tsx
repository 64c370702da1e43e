// Every invoice of the market.
import { getRouteApi } from "@tanstack/react-router";
import { OperateInvoiceTable } from "@/features/invoices/operate-invoice-table";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/operate/invoices");

export function Invoices() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.invoices.title"));
  return (
    <>
      <PageHeader title={say("operate.invoices.title")} lead={say("operate.invoices.lead")} />
      <OperateInvoiceTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
    </>
  );
}
