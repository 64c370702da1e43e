// The agreements that the organization holds.
import { Link } from "@tanstack/react-router";
import type { AgreementState } from "@/gql/types";
import type { CsvColumn } from "@/lib/csv";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { buttonClass } from "@/ui/button-class";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import styles from "./agreements.module.css";
import { HeldAgreements, type AgreementRowFragment } from "./agreements.generated";
import { AGREEMENT_STATES, type AgreementChoice } from "./choice";

const CONCERNED = ["Agreement"];

interface Props extends AgreementChoice {
  onChange: (choice: AgreementChoice) => void;
  paging: Paging;
  go: (paging: Paging) => void;
}

export function AgreementTable({ state, onChange, paging, go }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  return (
    <QueryTable
      query={HeldAgreements}
      variables={(page) => ({ ...page, filter: { state: state ?? null }, language })}
      pick={(data) => data.agreements}
      additionalTypenames={CONCERNED}
      caption={say("usage.agreements.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      filtersLabel={say("usage.filters")}
      filters={
        <SelectField<AgreementState | "ALL">
          label={say("usage.state")}
          value={state ?? "ALL"}
          onChange={(next) => onChange({ state: next === "ALL" ? undefined : next })}
          choices={[
            { value: "ALL", label: say("usage.all") },
            ...AGREEMENT_STATES.map((value) => ({ value, label: say(`ui.state.${value}`) })),
          ]}
        />
      }
      csv={{ filename: "agreements.csv", columns: useCsvColumns() }}
      empty={say("usage.nothingMatches")}
      nothing={state === undefined ? <NoAgreements /> : undefined}
    />
  );
}

/** Nothing is held yet: the market comes first. */
export function NoAgreements() {
  const say = useSay();
  return (
    <EmptyState
      title={say("usage.agreements.empty")}
      body={say("usage.agreements.empty.body")}
      action={
        <Link to="/listings" className={buttonClass("primary")}>
          {say("usage.agreements.empty.action")}
        </Link>
      }
    />
  );
}

function useColumns(): Column<AgreementRowFragment>[] {
  const say = useSay();
  return [
    {
      key: "listing",
      header: say("usage.listing"),
      isRowHeader: true,
      cell: ({ id, listing }) => (
        <Link to="/usage/agreements/$id" params={{ id }}>
          <bdi className={styles.clip}>{listing.name}</bdi>
        </Link>
      ),
    },
    { key: "seller", header: say("usage.seller"), cell: ({ seller }) => <bdi className={styles.clip}>{seller.name}</bdi> },
    { key: "state", header: say("usage.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "since", header: say("usage.agreements.since"), cell: ({ startsAt }) => <Instant value={startsAt} format="date" /> },
    {
      key: "period",
      header: say("usage.agreements.current"),
      cell: ({ currentPeriod, timeZone }) => (currentPeriod === null ? "–" : <Period {...currentPeriod} zone={timeZone} />),
    },
    { key: "left", header: say("usage.agreements.left"), align: "end", cell: ({ allowance }) => <Left allowance={allowance} /> },
    {
      key: "charge",
      header: say("usage.agreements.charge"),
      align: "end",
      cell: ({ estimatedCharge, terms }) =>
        estimatedCharge === null ? "–" : <ExactCharge exact={estimatedCharge} currencyCode={terms.currencyCode} />,
    },
  ];
}

function Left({ allowance }: Pick<AgreementRowFragment, "allowance">) {
  if (allowance.length === 0) return "–";
  return (
    <span className={styles.lefts}>
      {allowance.map(({ meter, remaining }) => (
        <Quantity key={meter} value={remaining} meter={meter} />
      ))}
    </span>
  );
}

function useCsvColumns(): CsvColumn<AgreementRowFragment>[] {
  const say = useSay();
  return [
    { header: say("usage.agreement"), value: ({ id }) => id },
    { header: say("usage.listing"), value: ({ listing }) => listing.name },
    { header: say("usage.seller"), value: ({ seller }) => seller.name },
    { header: say("usage.state"), value: ({ state }) => state },
    { header: say("usage.agreements.since"), value: ({ startsAt }) => startsAt },
    { header: say("usage.agreements.until"), value: ({ endsAt }) => endsAt },
    { header: say("usage.agreements.charge"), value: ({ estimatedCharge }) => estimatedCharge },
    { header: say("usage.currency"), value: ({ terms }) => terms.currencyCode },
  ];
}
