// The invoices that the organization owes or has paid.
import { Link } from "@tanstack/react-router";
import type { CsvColumn } from "@/lib/csv";
import { isNegative } from "@/lib/numbers";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { StatusBadge } from "@/ui/badge";
import { buttonClass } from "@/ui/button-class";
import type { Column } from "@/ui/data-table";
import { Money, Quantity } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import { invoiceFilter, type InvoiceChoice } from "./choice";
import { dueOf } from "./due";
import { InvoiceFilters } from "./invoice-filters";
import styles from "./invoices.module.css";
import { OwedInvoices, type InvoiceRowFragment } from "./invoices.generated";

interface Props {
  chosen: InvoiceChoice;
  onChange: (chosen: InvoiceChoice) => void;
  paging: Paging;
  go: (paging: Paging) => void;
}

export function InvoiceTable({ chosen, onChange, paging, go }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const filter = invoiceFilter(chosen, useZone());
  return (
    <QueryTable
      query={OwedInvoices}
      variables={(page) => ({ ...page, filter, language })}
      pick={(data) => data.invoices}
      caption={say("usage.invoices.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      filtersLabel={say("usage.filters")}
      filters={<InvoiceFilters chosen={chosen} onChange={onChange} />}
      csv={{ filename: "invoices.csv", columns: useCsvColumns() }}
      empty={say("usage.nothingMatches")}
      nothing={Object.keys(chosen).length === 0 ? <NoInvoices /> : undefined}
    />
  );
}

function NoInvoices() {
  const say = useSay();
  return (
    <EmptyState
      title={say("usage.invoices.empty")}
      body={say("usage.invoices.empty.body")}
      action={
        <Link to="/usage" className={buttonClass()}>
          {say("usage.invoices.empty.action")}
        </Link>
      }
    />
  );
}

function useColumns(): Column<InvoiceRowFragment>[] {
  const say = useSay();
  return [
    {
      key: "period",
      header: say("usage.period"),
      isRowHeader: true,
      cell: ({ id, period, agreement }) => (
        <Link to="/usage/invoices/$id" params={{ id }}>
          <Period {...period} zone={agreement.timeZone} />
        </Link>
      ),
    },
    {
      key: "listing",
      header: say("usage.listing"),
      cell: ({ agreement: { id, listing }, seller }) => (
        <span className={styles.stack}>
          <Link to="/usage/agreements/$id" params={{ id }}>
            <bdi>{listing.name}</bdi>
          </Link>
          <bdi className={styles.soft}>{seller.name}</bdi>
        </span>
      ),
    },
    { key: "state", header: say("usage.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "calls", header: say("usage.calls"), align: "end", cell: ({ calls }) => (calls === null ? "–" : <Quantity value={calls} />) },
    { key: "total", header: say("usage.invoices.total"), align: "end", cell: ({ total }) => (total === null ? "–" : <Money {...total} />) },
    { key: "due", header: say("usage.invoices.due"), cell: (invoice) => <Due invoice={invoice} /> },
  ];
}

function Due({ invoice }: { invoice: InvoiceRowFragment }) {
  const say = useSay();
  const { state, total, paidAt } = invoice;
  const isCredit = isNegative(total);
  if (paidAt !== null) {
    return (
      <span className={styles.stack}>
        <span className={styles.soft}>{say(isCredit ? "usage.invoices.paidBack" : "usage.invoices.paid")}</span>
        <Instant value={paidAt} format="date" />
      </span>
    );
  }
  if (isCredit && state !== "VOID") return <span className={styles.soft}>{say("usage.invoices.isCredit")}</span>;
  const dueAt = dueOf(invoice);
  return dueAt === null ? "–" : <Instant value={dueAt} format="date" />;
}

function useCsvColumns(): CsvColumn<InvoiceRowFragment>[] {
  const say = useSay();
  return [
    { header: say("usage.invoices.number"), value: ({ id }) => id },
    { header: say("usage.state"), value: ({ state }) => state },
    { header: say("usage.period.start"), value: ({ period }) => period.start },
    { header: say("usage.period.end"), value: ({ period }) => period.end },
    { header: say("usage.listing"), value: ({ agreement }) => agreement.listing.name },
    { header: say("usage.seller"), value: ({ seller }) => seller.name },
    { header: say("usage.agreement"), value: ({ agreement }) => agreement.id },
    { header: say("usage.calls"), value: ({ calls }) => calls },
    { header: say("usage.invoices.subtotal"), value: ({ subtotal }) => subtotal?.amount },
    { header: say("usage.invoices.tax"), value: ({ tax }) => tax?.amount },
    { header: say("usage.invoices.total"), value: ({ total }) => total?.amount },
    { header: say("usage.currency"), value: ({ total }) => total?.currencyCode },
    { header: say("usage.invoices.issued"), value: ({ issuedAt }) => issuedAt },
    { header: say("usage.invoices.due"), value: dueOf },
    { header: say("usage.invoices.paid"), value: ({ paidAt }) => paidAt },
  ];
}
