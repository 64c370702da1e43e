// Who owes an invoice to whom, since when, and where its usage is recorded.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { formatBasisPoints } from "@/lib/basis-points";
import { Quantity } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Instant, Period } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { Id, OrganizationLink } from "../operate/parts";
import { dueOf } from "./due";
import type { OperateInvoiceQuery } from "./operate-invoices.generated";

export function OperateInvoiceFacts({ invoice }: { invoice: OperateInvoiceQuery["invoice"] }) {
  const say = useSay();
  const { agreement, issuedAt, paidAt, voidedAt, calls } = invoice;
  const dueAt = dueOf(invoice);
  return (
    <KeyValue
      entries={[
        [say("operate.column.id"), <Id value={invoice.id} />],
        [say("operate.column.buyer"), <OrganizationLink organization={invoice.buyer} />],
        [say("operate.column.seller"), <OrganizationLink organization={invoice.seller} />],
        [
          say("operate.column.listing"),
          <Link to="/listings/$slug" params={{ slug: agreement.listing.slug }}>
            <bdi>{agreement.listing.name}</bdi>
          </Link>,
        ],
        [say("operate.column.period"), <Period {...invoice.period} zone={invoice.agreement.timeZone} />],
        [say("operate.invoices.calls"), calls !== null && <Quantity value={calls} />],
        [say("operate.invoices.terms"), agreement.marketTerms !== null && <FrozenTerms {...agreement.marketTerms} />],
        [say("operate.invoices.issued"), issuedAt !== null && <Instant value={issuedAt} />],
        [say("operate.invoices.due"), dueAt !== null && <Instant value={dueAt} />],
        [say("operate.invoices.paid"), paidAt !== null && <Instant value={paidAt} />],
        [say("operate.invoices.reference"), invoice.paymentReference !== null && <bdi>{invoice.paymentReference}</bdi>],
        [say("operate.invoices.voidedAt"), voidedAt !== null && <Instant value={voidedAt} />],
        [say("operate.column.reason"), invoice.voidReason !== null && <bdi className={styles.prose}>{invoice.voidReason}</bdi>],
        [say("operate.invoices.usage"), invoice.ranges.length > 0 && <Ranges ranges={invoice.ranges} />],
        [
          say("operate.invoices.books"),
          <Link to="/operate/ledger" search={{ invoice: invoice.id }}>
            {say("operate.invoices.entries")}
          </Link>,
        ],
      ]}
    />
  );
}

function FrozenTerms({ commissionBasisPoints, taxBasisPoints }: { commissionBasisPoints: number; taxBasisPoints: number }) {
  const say = useSay();
  return say("operate.invoices.terms.value", { commission: formatBasisPoints(commissionBasisPoints), tax: formatBasisPoints(taxBasisPoints) });
}


function Ranges({ ranges }: Pick<OperateInvoiceQuery["invoice"], "ranges">) {
  const say = useSay();
  return (
    <ul>
      {ranges.map(({ stream, first, last }) => (
        <li key={`${stream} ${first}`}>
          <Link to="/operate/log" search={{ stream }}>
            {stream}
          </Link>{" "}
          {say("operate.invoices.range", { first, last })}
        </li>
      ))}
    </ul>
  );
}
