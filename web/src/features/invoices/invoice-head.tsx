// Whose invoice it is, for what, and how it stands.
import { Link } from "@tanstack/react-router";
import { isNegative } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Quantity } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Instant, Period } from "@/ui/time";
import { StatusBadge } from "@/ui/badge";
import { dueOf } from "./due";
import type { OwedInvoiceQuery } from "./invoices.generated";
import styles from "./invoice-head.module.css";

export function InvoiceHead({ invoice }: { invoice: OwedInvoiceQuery["invoice"] }) {
  const say = useSay();
  const { id, state, period, seller, buyer, agreement, issuedAt, paidAt, voidedAt } = invoice;
  const dueAt = dueOf(invoice);
  return (
    <div className={styles.head}>
      <KeyValue
        entries={[
          [say("usage.invoices.number"), <code key="id">{id}</code>],
          [say("usage.state"), <StatusBadge key="state" state={state} />],
          [say("usage.period"), <Period key="period" {...period} zone={agreement.timeZone} />],
          [say("usage.invoices.issued"), issuedAt === null ? null : <Instant value={issuedAt} format="date" />],
          [say("usage.invoices.due"), dueAt === null ? null : <Instant value={dueAt} format="date" />],
          [say(isNegative(invoice.total) ? "usage.invoices.paidBack" : "usage.invoices.paid"), paidAt === null ? null : <Instant value={paidAt} format="date" />],
          [say("usage.invoices.reference"), invoice.paymentReference === null ? null : <bdi>{invoice.paymentReference}</bdi>],
          [say("usage.invoices.voided"), voidedAt === null ? null : <Instant value={voidedAt} format="date" />],
          [say("usage.invoices.voidReason"), invoice.voidReason === null ? null : <bdi>{invoice.voidReason}</bdi>],
        ]}
      />
      <KeyValue
        entries={[
          [say("usage.seller"), <bdi key="seller">{seller.name}</bdi>],
          [say("usage.buyer"), <bdi key="buyer">{buyer.name}</bdi>],
          [
            say("usage.agreement"),
            <Link key="agreement" to="/usage/agreements/$id" params={{ id: agreement.id }}>
              <bdi>{agreement.listing.name}</bdi>
            </Link>,
          ],
          [say("usage.priceVersion"), invoice.priceVersion === null ? null : String(invoice.priceVersion)],
          [say("usage.calls"), invoice.calls === null ? null : <Quantity value={invoice.calls} />],
        ]}
      />
    </div>
  );
}
