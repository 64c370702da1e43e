// The agreements that the organization holds.
import { Link } from "@tanstack/react-router";
import { useClient, useQuery } from "urql";
import { pageArguments, readAll, type Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { buttonClass } from "@/ui/button-class";
import { CsvButton } from "@/ui/csv-button";
import type { Column } from "@/ui/data-table";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { PagedTable } from "@/ui/paged-table";
import { EmptyState } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import styles from "./agreements.module.css";
import { HeldAgreements, type AgreementRowFragment } from "./agreements.generated";
import type { AgreementChoice } from "./choice";

const CONTEXT = { additionalTypenames: ["Agreement"] };

interface Props extends AgreementChoice {
  paging: Paging;
  go: (paging: Paging) => void;
}

export function AgreementTable({ state, paging, go }: Props) {
  const say = useSay();
  const variables = { ...pageArguments(paging), filter: { state: state ?? null }, language: useApiLanguage() };
  const [{ data, error }, reread] = useQuery({ query: HeldAgreements, variables, context: CONTEXT });
  return (
    <PagedTable
      caption={say("usage.agreements.title")}
      columns={useColumns()}
      page={data?.agreements}
      error={error}
      onRetry={() => reread({ requestPolicy: "network-only" })}
      paging={paging}
      go={go}
      rowKey={({ id }) => id}
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

/** Saves every agreement. */
export function AgreementsCsv({ state }: AgreementChoice) {
  const say = useSay();
  const client = useClient();
  const language = useApiLanguage();
  const fetchAll = (report: (done: number, total: number) => void) =>
    readAll({ client, query: HeldAgreements, variables: (page) => ({ ...page, filter: { state: state ?? null }, language }), pick: (data) => data.agreements, report });
  return (
    <CsvButton<AgreementRowFragment>
      filename="agreements.csv"
      size="medium"
      fetchAll={fetchAll}
      columns={[
        { header: say("usage.agreement"), value: ({ id }) => id },
        { header: say("usage.listing"), value: ({ listing }) => listing.name },
        { header: say("usage.seller"), value: ({ seller }) => seller.name },
        { header: say("usage.state"), value: ({ state }) => state },
        { header: say("usage.agreements.since"), value: ({ startsAt }) => startsAt },
        { header: say("usage.agreements.until"), value: ({ endsAt }) => endsAt },
        { header: say("usage.agreements.charge"), value: ({ estimatedCharge }) => estimatedCharge },
        { header: say("usage.currency"), value: ({ terms }) => terms.currencyCode },
      ]}
    />
  );
}
