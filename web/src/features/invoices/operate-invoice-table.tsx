// Every invoice of the market, by state, agreement and period.
import { Link } from "@tanstack/react-router";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { StatusBadge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DateRangeField } from "@/ui/date-range-field";
import { DelayedSearch } from "@/ui/delayed-search";
import { Money } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { ClearFilters, OrganizationLink, TwoLines } from "../operate/parts";
import { INVOICE_STATES, invoiceFilter, type InvoiceChoice } from "./choice";
import { dueOf } from "./due";
import { OperateInvoices, type OperateInvoiceRowFragment } from "./operate-invoices.generated";

export interface OperateInvoicesChoice extends InvoiceChoice, Paging {}

export function OperateInvoiceTable({ choice, go }: { choice: OperateInvoicesChoice; go: (choice: OperateInvoicesChoice) => void }) {
  const say = useSay();
  const zone = useZone();
  const { trail: _, ...chosen } = choice;
  const { state, agreement, from, until, size } = choice;
  const narrow = (next: OperateInvoicesChoice) => go({ ...chosen, ...next });
  const isFiltered = [state, agreement, from, until].some((each) => each !== undefined);
  return (
    <QueryTable
      query={OperateInvoices}
      variables={(page) => ({ ...page, filter: invoiceFilter(choice, zone) })}
      pick={(data) => data.invoices}
      caption={say("operate.invoices.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ ...chosen, ...paging })}
      empty={say("operate.nothingMatches")}
      {...(isFiltered ? {} : { nothing: <NoInvoices /> })}
      filters={
        <>
          <SelectField
            label={say("operate.column.state")}
            value={state ?? "all"}
            onChange={(next) => narrow({ state: next === "all" ? undefined : next })}
            choices={[{ value: "all" as const, label: say("operate.filters.all") }, ...INVOICE_STATES.map((value) => ({ value, label: say(`ui.state.${value}`) }))]}
          />
          <DelayedSearch
            label={say("operate.filter.agreementId")}
            placeholder="agr_…"
            value={agreement ?? ""}
            onSearch={(next) => narrow({ agreement: next === "" ? undefined : next })}
          />
          <div className={styles.whole}>
            <DateRangeField
              label={say("operate.invoices.periodIn")}
              zone={zone}
              presets={["month", "quarter", "all"]}
              value={{ from: from ?? "", until: until ?? "" }}
              onChange={(range) => narrow({ from: range.from === "" ? undefined : range.from, until: range.until === "" ? undefined : range.until })}
            />
          </div>
          <ClearFilters isFiltered={isFiltered} onClear={() => go({ size })} />
        </>
      }
      csv={{
        filename: "invoices.csv",
        columns: [
          { header: say("operate.column.id"), value: ({ id }) => id },
          { header: say("operate.column.state"), value: (row) => row.state },
          { header: say("operate.column.buyer"), value: ({ buyer }) => buyer.name },
          { header: say("operate.column.seller"), value: ({ seller }) => seller.name },
          { header: say("operate.column.periodStart"), value: ({ period }) => period.start },
          { header: say("operate.column.periodEnd"), value: ({ period }) => period.end },
          { header: say("operate.invoices.total"), value: ({ total }) => total?.amount },
          { header: say("operate.column.currency"), value: ({ total }) => total?.currencyCode },
          { header: say("operate.invoices.issued"), value: ({ issuedAt }) => issuedAt },
          { header: say("operate.invoices.due"), value: dueOf },
          { header: say("operate.invoices.paid"), value: ({ paidAt }) => paidAt },
        ],
      }}
    />
  );
}

function NoInvoices() {
  const say = useSay();
  return (
    <EmptyState
      title={say("operate.invoices.empty")}
      body={say("operate.invoices.empty.body")}
      action={<Link to="/operate/periods">{say("operate.periods.title")}</Link>}
    />
  );
}

function useColumns(): Column<OperateInvoiceRowFragment>[] {
  const say = useSay();
  return [
    {
      key: "period",
      header: say("operate.column.period"),
      isRowHeader: true,
      cell: ({ id, period, agreement }) => (
        <TwoLines
          first={
            <Link to="/operate/invoices/$id" params={{ id }}>
              <Period {...period} zone={agreement.timeZone} />
            </Link>
          }
          second={id}
        />
      ),
    },
    { key: "buyer", header: say("operate.column.buyer"), cell: ({ buyer }) => <OrganizationLink organization={buyer} /> },
    { key: "seller", header: say("operate.column.seller"), cell: ({ seller }) => <OrganizationLink organization={seller} /> },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "due", header: say("operate.invoices.due"), cell: (invoice) => <Due at={dueOf(invoice)} /> },
    { key: "total", header: say("operate.invoices.total"), align: "end", cell: ({ total }) => (total === null ? "–" : <Money {...total} />) },
  ];
}

function Due({ at }: { at: string | null }) {
  return at === null ? "–" : <Instant value={at} format="date" />;
}
