// One invoice to a buyer, as its seller reads it: the numbers, down to the single calls and their receipts.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { InvoiceLines } from "@/features/invoices/invoice-lines";
import { SaleCalls, SaleCallsCsv } from "@/features/statements/sale-calls";
import { SellInvoice, type SellInvoiceQuery } from "@/features/statements/sell-statements.generated";
import styles from "@/features/statements/statements.module.css";
import { useHead } from "@/lib/head";
import { isNegative } from "@/lib/numbers";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { StatusBadge } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { Money, Percent, Quantity } from "@/ui/numbers";
import { KeyValue, PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { Stat, StatRow } from "@/ui/stat";
import { Instant, Period } from "@/ui/time";

const route = getRouteApi("/sell/invoices/$id");

export function InvoicePage() {
  const say = useSay();
  const { id } = route.useParams();
  const { statement } = route.useSearch();
  const language = useApiLanguage();
  const mayReadUsage = useMay("USAGE_READ");
  const [{ data, error }, ask] = useQuery({ query: SellInvoice, variables: { id, language } });
  const invoice = data?.invoice;
  const title = invoice === undefined ? say("sell.invoice.title") : say("sell.invoice.to", { buyer: invoice.buyer.name });
  useHead(title);
  if (invoice === undefined) {
    return error === undefined ? <Skeleton lines={10} /> : <Failure isPage error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />;
  }
  const { agreement, period } = invoice;
  return (
    <>
      <PageHeader
        title={<bdi>{title}</bdi>}
        lead={
          <>
            <StatusBadge state={invoice.state} /> <bdi>{agreement.listing.name}</bdi> · <Period {...period} zone={agreement.timeZone} />
          </>
        }
        breadcrumbs={[
          <Link key="statements" to="/sell/statements">
            {say("sell.statements.title")}
          </Link>,
          ...(statement === undefined
            ? []
            : [
                <Link key="statement" to="/sell/statements/$id" params={{ id: statement }}>
                  {say("sell.statement.this")}
                </Link>,
              ]),
        ]}
      />
      <div className={styles.stack}>
        {invoice.state === "VOID" && (
          <Notice tone="attention" title={say("sell.invoice.void")}>
            <bdi>{invoice.voidReason}</bdi>
          </Notice>
        )}
        <Totals invoice={invoice} />
        <Section
          title={say("sell.invoice.lines")}
          note={say("sell.invoice.lines.note")}
          actions={mayReadUsage && <SaleCallsCsv invoice={invoice.id} total={invoice.calls ?? undefined} />}
        >
          <InvoiceLines invoice={invoice} usage={({ kind, number }) => kind !== "FLAT_FEE" && <SaleCalls invoice={invoice.id} number={number} />} />
        </Section>
        <Facts invoice={invoice} />
      </div>
    </>
  );
}

function Totals({ invoice: { subtotal, tax, total } }: { invoice: SellInvoiceQuery["invoice"] }) {
  const say = useSay();
  return (
    <StatRow>
      {subtotal !== null && <Stat label={say("sell.invoice.subtotal")} value={<Money {...subtotal} />} note={say("sell.invoice.subtotal.note")} />}
      {tax !== null && <Stat label={say("sell.invoice.tax")} value={<Money {...tax} />} note={say("sell.invoice.tax.note")} />}
      {total !== null && <Stat label={say("sell.invoice.total")} value={<Money {...total} />} note={say(isNegative(total) ? "sell.invoice.total.credit" : "sell.invoice.total.note")} />}
    </StatRow>
  );
}

function Facts({ invoice }: { invoice: SellInvoiceQuery["invoice"] }) {
  const say = useSay();
  const { agreement, issuedAt, paidAt, voidedAt, calls, priceVersion } = invoice;
  const terms = agreement.marketTerms;
  return (
    <KeyValue
      entries={[
        [say("sell.invoice.id"), <code key="id">{invoice.id}</code>],
        [say("sell.invoice.agreement"), <code key="agreement">{agreement.id}</code>],
        [say("sell.invoice.priceVersion"), priceVersion],
        [say("sell.invoice.commission"), terms !== null && <Percent key="commission" ratio={ratio(terms.commissionBasisPoints)} />],
        [say("sell.invoice.calls"), calls !== null && <Quantity key="calls" value={calls} />],
        [say("sell.statements.issued"), issuedAt !== null && <Instant key="issued" value={issuedAt} />],
        [say("sell.invoice.paid"), paidAt !== null && <Instant key="paid" value={paidAt} />],
        [say("sell.invoice.voided"), voidedAt !== null && <Instant key="voided" value={voidedAt} />],
      ]}
    />
  );
}

/** Hundredths of a percent as a ratio: 1000 is 0.1000. */
function ratio(basisPoints: number): string {
  const digits = String(basisPoints).padStart(5, "0");
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
