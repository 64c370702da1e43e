// Who uses most, and what is used most.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { CsvButton } from "@/ui/csv-button";
import { DataTable, type Column } from "@/ui/data-table";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { Section } from "@/ui/page";
import type { SellAnalyticsQuery, SellTotalsFragment } from "./sell-analytics.generated";
import styles from "../desk/desk.module.css";

type Analytics = SellAnalyticsQuery["sellerAnalytics"];
type AgreementRow = Analytics["topAgreements"][number];
type ListingRow = Analytics["topListings"][number];

export function TopListings({ rows }: { rows: readonly ListingRow[] }) {
  const say = useSay();
  const columns: Column<ListingRow>[] = [
    {
      key: "listing",
      header: say("sell.listings.column.name"),
      isRowHeader: true,
      cell: ({ listing }) => (
        <Link to="/sell/listings/$id" params={{ id: listing.id }}>
          <bdi>{listing.name}</bdi>
        </Link>
      ),
    },
    ...useTotals<ListingRow>(),
  ];
  const csv = <CsvButton filename="top-listings.csv" rows={rows} columns={[{ header: say("sell.listings.column.name"), value: ({ listing }) => listing.name }, ...useTotalsCsv<ListingRow>()]} />;
  return (
    <Section title={say("sell.analytics.topListings")} actions={csv}>
      <DataTable caption={say("sell.analytics.topListings")} columns={columns} rows={rows} rowKey={({ listing }) => listing.id} empty={say("sell.analytics.none")} />
    </Section>
  );
}

export function TopAgreements({ rows }: { rows: readonly AgreementRow[] }) {
  const say = useSay();
  const columns: Column<AgreementRow>[] = [
    { key: "buyer", header: say("sell.statement.buyer"), isRowHeader: true, cell: ({ agreement }) => <bdi>{agreement.buyer.name}</bdi> },
    { key: "listing", header: say("sell.listings.column.name"), cell: ({ agreement }) => <bdi>{agreement.listing.name}</bdi> },
    ...useTotals<AgreementRow>(),
  ];
  const csv = (
    <CsvButton
      filename="top-agreements.csv"
      rows={rows}
      columns={[
        { header: say("sell.invoice.agreement"), value: ({ agreement }) => agreement.id },
        { header: say("sell.statement.buyer"), value: ({ agreement }) => agreement.buyer.name },
        { header: say("sell.listings.column.name"), value: ({ agreement }) => agreement.listing.name },
        ...useTotalsCsv<AgreementRow>(),
      ]}
    />
  );
  return (
    <Section title={say("sell.analytics.topAgreements")} actions={csv}>
      <DataTable caption={say("sell.analytics.topAgreements")} columns={columns} rows={rows} rowKey={({ agreement }) => agreement.id} empty={say("sell.analytics.none")} />
    </Section>
  );
}

interface Summed {
  totals: SellTotalsFragment;
}

function useTotals<Row extends Summed>(): Column<Row>[] {
  const say = useSay();
  return [
    { key: "calls", header: say("sell.home.calls"), align: "end", cell: ({ totals }) => <Quantity value={totals.calls} /> },
    { key: "free", header: say("ui.class.FREE"), align: "end", cell: ({ totals }) => <Quantity value={totals.freeCalls} /> },
    { key: "valueAdded", header: say("ui.class.VALUE_ADDED"), align: "end", cell: ({ totals }) => <Quantity value={totals.valueAddedCalls} /> },
    {
      key: "revenue",
      header: say("sell.analytics.revenue"),
      align: "end",
      cell: ({ totals }) => (
        <span className={styles.amounts}>
          {totals.estimatedCharges.length === 0 ? "–" : totals.estimatedCharges.map((each) => <ExactCharge key={each.currencyCode} {...each} />)}
        </span>
      ),
    },
  ];
}

function useTotalsCsv<Row extends Summed>() {
  const say = useSay();
  return [
    { header: say("sell.home.calls"), value: ({ totals }: Row) => totals.calls },
    { header: say("ui.class.FREE"), value: ({ totals }: Row) => totals.freeCalls },
    { header: say("ui.class.VALUE_ADDED"), value: ({ totals }: Row) => totals.valueAddedCalls },
    { header: say("sell.analytics.revenue"), value: ({ totals }: Row) => totals.estimatedCharges.map(({ exact, currencyCode }) => `${exact} ${currencyCode}`).join("; ") },
  ];
}
