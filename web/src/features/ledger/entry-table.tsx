// Entries of the ledger, each with its postings and the sum of them, which is zero.
import { Link } from "@tanstack/react-router";
import type { LedgerAccountKind, LedgerEntryFilter } from "@/gql/types";
import { addDecimals, compareDecimals } from "@/lib/numbers";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DelayedSearch } from "@/ui/delayed-search";
import { Money } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { ACCOUNT_KINDS } from "../operate/choices";
import { ClearFilters, OrganizationLink, TwoLines } from "../operate/parts";
import styles from "./ledger.module.css";
import { OperateLedgerEntries, type OperateLedgerEntriesQuery } from "./operate-ledger.generated";

type Entry = OperateLedgerEntriesQuery["ledgerEntries"]["nodes"][number];

export interface LedgerChoice extends Paging {
  account?: LedgerAccountKind | undefined;
  organization?: string | undefined;
  invoice?: string | undefined;
}

function filterOf({ account, organization, invoice }: LedgerChoice): LedgerEntryFilter {
  return {
    ...(account === undefined ? {} : { account }),
    ...(organization === undefined ? {} : { organization }),
    ...(invoice === undefined ? {} : { invoice }),
  };
}

export function EntryTable({ choice, go }: { choice: LedgerChoice; go: (choice: LedgerChoice) => void }) {
  const say = useSay();
  const { trail: _, ...chosen } = choice;
  const narrow = (next: LedgerChoice) => go({ ...chosen, ...next });
  const filter = filterOf(choice);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <QueryTable
      query={OperateLedgerEntries}
      variables={(page) => ({ ...page, filter })}
      pick={(data) => data.ledgerEntries}
      caption={say("operate.ledger.entries")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ ...chosen, ...paging })}
      empty={say("operate.nothingMatches")}
      {...(isFiltered ? {} : { nothing: <EmptyState title={say("operate.ledger.empty")} body={say("operate.ledger.empty.body")} /> })}
      filters={
        <>
          <SelectField
            label={say("operate.column.account")}
            value={choice.account ?? "all"}
            onChange={(next) => narrow({ account: next === "all" ? undefined : next })}
            choices={[
              { value: "all" as const, label: say("operate.filters.all") },
              ...ACCOUNT_KINDS.map((value) => ({ value, label: say(`operate.account.${value}`) })),
            ]}
          />
          <DelayedSearch
            label={say("operate.filter.organizationId")}
            placeholder="org_…"
            value={choice.organization ?? ""}
            onSearch={(next) => narrow({ organization: next === "" ? undefined : next })}
          />
          <DelayedSearch
            label={say("operate.filter.invoiceId")}
            placeholder="inv_…"
            value={choice.invoice ?? ""}
            onSearch={(next) => narrow({ invoice: next === "" ? undefined : next })}
          />
          <ClearFilters isFiltered={isFiltered} onClear={() => go({ size: choice.size })} />
        </>
      }
      csv={{
        filename: "ledger.csv",
        columns: [
          { header: say("operate.column.id"), value: ({ id }) => id },
          { header: say("operate.column.at"), value: ({ at }) => at },
          { header: say("operate.column.reason"), value: ({ reason }) => reason },
          { header: say("operate.column.invoice"), value: ({ invoice }) => invoice.id },
          { header: say("operate.column.currency"), value: ({ postings }) => postings[0]?.amount.currencyCode },
          ...ACCOUNT_KINDS.map((kind) => ({
            header: say(`operate.account.${kind}`),
            value: ({ postings }: Entry) => postings.find(({ account }) => account.kind === kind)?.amount.amount,
          })),
        ],
      }}
    />
  );
}

function useColumns(): Column<Entry>[] {
  const say = useSay();
  return [
    {
      key: "reason",
      header: say("operate.ledger.entry"),
      isRowHeader: true,
      cell: ({ reason, at, invoice: { id } }) => (
        <TwoLines
          first={say(`operate.ledger.reason.${reason}`)}
          second={
            <>
              <Instant value={at} />
              <br />
              <Link to="/operate/invoices/$id" params={{ id }} className={styles.id}>
                {id}
              </Link>
            </>
          }
        />
      ),
    },
    { key: "postings", header: say("operate.ledger.postings"), cell: (entry) => <Postings entry={entry} /> },
  ];
}

/** The postings of one entry as a small account: debits, credits and what they sum to. */
function Postings({ entry: { postings } }: { entry: Entry }) {
  const say = useSay();
  const sum = addDecimals(...postings.map(({ amount }) => amount.amount));
  const isEven = compareDecimals(sum, "0") === 0;
  return (
    <table className={styles.postings}>
      <tbody>
        {postings.map(({ account, amount }) => (
          <tr key={`${account.kind} ${account.organization?.id ?? ""}`}>
            <th scope="row">
              {say(`operate.account.${account.kind}`)}
              {account.organization !== null && (
                <>
                  {" · "}
                  <OrganizationLink organization={account.organization} />
                </>
              )}
            </th>
            <td>
              <Money {...amount} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {say("operate.ledger.sum")} {!isEven && <Badge tone="danger">{say("operate.ledger.uneven")}</Badge>}
          </th>
          <td>
            <Money amount={sum} currencyCode={postings[0]?.amount.currencyCode ?? ""} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
