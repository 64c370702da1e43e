// One invoice: its lines, its payment, and that it is not owed after all.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { InvoiceLines } from "@/features/invoices/invoice-lines";
import { OperateInvoiceFacts } from "@/features/invoices/operate-invoice-facts";
import { OperateInvoice } from "@/features/invoices/operate-invoices.generated";
import { PayInvoice } from "@/features/invoices/pay-invoice";
import { VoidInvoice } from "@/features/invoices/void-invoice";
import { StateWord } from "@/features/operate/parts";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { Money } from "@/ui/numbers";
import { PageHeader, Section } from "@/ui/page";
import { Stat, StatRow } from "@/ui/stat";
import { Skeleton } from "@/ui/state";

const route = getRouteApi("/operate/invoices/$id");

export function Invoice() {
  const say = useSay();
  const { id } = route.useParams();
  const [{ data, error }, reread] = useQuery({ query: OperateInvoice, variables: { id, language: useApiLanguage() } });
  const invoice = data?.invoice;
  useHead(say("operate.invoice"));
  return (
    <>
      <PageHeader
        title={say("operate.invoice")}
        lead={invoice !== undefined && <bdi>{`${invoice.seller.name} → ${invoice.buyer.name}`}</bdi>}
        breadcrumbs={[
          <Link key="all" to="/operate/invoices">
            {say("operate.invoices.title")}
          </Link>,
        ]}
        actions={
          invoice !== undefined && (
            <>
              <VoidInvoice invoice={invoice} />
              <PayInvoice invoice={invoice} />
            </>
          )
        }
      />
      {invoice === undefined && error === undefined && <Skeleton lines={8} />}
      {invoice === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {invoice !== undefined && (
        <>
          <StatRow>
            <Stat label={say("operate.column.state")} value={<StateWord state={invoice.state} />} />
            <Stat label={say("operate.invoices.subtotal")} value={invoice.subtotal === null ? "–" : <Money {...invoice.subtotal} />} />
            <Stat label={say("operate.invoices.tax")} value={invoice.tax === null ? "–" : <Money {...invoice.tax} />} />
            <Stat label={say("operate.invoices.total")} value={invoice.total === null ? "–" : <Money {...invoice.total} />} />
          </StatRow>
          <Section title={say("operate.invoices.lines")} note={say("operate.invoices.lines.note")}>
            <InvoiceLines invoice={invoice} />
          </Section>
          <Section title={say("operate.invoices.facts")}>
            <OperateInvoiceFacts invoice={invoice} />
          </Section>
        </>
      )}
    </>
  );
}
