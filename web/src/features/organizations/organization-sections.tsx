// What the operator knows of one organization: who it is, what it sells, what it owes and is owed.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { DataTable, type Column } from "@/ui/data-table";
import { Money, Quantity } from "@/ui/numbers";
import { KeyValue, Section } from "@/ui/page";
import { Notice } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import { BalanceTable } from "../ledger/balance-table";
import styles from "../operate/operate.module.css";
import { Id, ListingLines } from "../operate/parts";
import type { OperateOrganizationQuery } from "./operate-organizations.generated";
import { Standings } from "./organization-table";

type Organization = OperateOrganizationQuery["organization"];
type Store = NonNullable<Organization["store"]>;

export function OrganizationFacts({ organization }: { organization: Organization }) {
  const say = useSay();
  return (
    <Section title={say("operate.organizations.facts")}>
      <div className={styles.gap}>
        {organization.suspendedBecause !== null && (
          <Notice tone="danger" title={say("operate.organizations.suspendedBecause")}>
            <p className={styles.prose}>{organization.suspendedBecause}</p>
          </Notice>
        )}
        <KeyValue
          entries={[
            [say("operate.column.id"), <Id value={organization.id} />],
            [say("operate.organizations.standing"), <Standings {...organization} />],
            [say("operate.column.country"), organization.country],
            [say("operate.organizations.timeZone"), organization.timeZone],
            [say("operate.column.currency"), organization.currencyCode],
            [say("operate.organizations.members"), organization.memberCount !== null && <Quantity value={organization.memberCount} />],
            [say("operate.organizations.joined"), organization.registeredAt !== null && <Instant value={organization.registeredAt} />],
            [
              say("operate.organizations.events"),
              <Link to="/operate/log" search={{ stream: `organization-${organization.id}` }}>
                {say("operate.organizations.events.link")}
              </Link>,
            ],
          ]}
        />
      </div>
    </Section>
  );
}

export function OrganizationStore({ store }: { store: Store | null }) {
  const say = useSay();
  if (store === null) {
    return (
      <Section title={say("operate.column.store")}>
        <p>{say("operate.organizations.noStore")}</p>
      </Section>
    );
  }
  return (
    <Section title={say("operate.column.store")}>
      <div className={styles.gap}>
        <KeyValue
          entries={[
            [
              say("operate.column.name"),
              <Link to="/stores/$slug" params={{ slug: store.slug }}>
                <bdi>{store.name}</bdi>
              </Link>,
            ],
            [say("operate.column.kind"), say(`operate.publisher.${store.kind}`)],
            [say("operate.organizations.opened"), <Instant value={store.openedAt} format="date" />],
          ]}
        />
        <StoreListings store={store} />
      </div>
    </Section>
  );
}

function StoreListings({ store }: { store: Store }) {
  const say = useSay();
  const columns: Column<Store["listings"]["nodes"][number]>[] = [
    {
      key: "name",
      header: say("operate.column.listing"),
      isRowHeader: true,
      cell: (listing) => <ListingLines {...listing} />,
    },
    { key: "kind", header: say("operate.column.kind"), cell: ({ kind }) => say(`operate.kind.${kind}`) },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "offers", header: say("operate.column.offers"), align: "end", cell: ({ offers }) => offers.totalCount },
  ];
  return (
    <DataTable
      caption={say("operate.organizations.listings")}
      isCaptionHidden={false}
      columns={columns}
      rows={store.listings.nodes}
      rowKey={({ id }) => id}
      empty={say("operate.organizations.noListings")}
    />
  );
}

export function OrganizationMoney({ id, data }: { id: string; data: OperateOrganizationQuery }) {
  const say = useSay();
  const columns: Column<OperateOrganizationQuery["statements"]["nodes"][number]>[] = [
    {
      key: "period",
      header: say("operate.column.period"),
      isRowHeader: true,
      cell: ({ id: statement, period }) => (
        <Link to="/operate/statements/$id" params={{ id: statement }}>
          <Period {...period} />
        </Link>
      ),
    },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "share", header: say("operate.statements.share"), align: "end", cell: ({ share }) => <Money {...share} /> },
  ];
  return (
    <Section
      title={say("operate.organizations.money")}
      note={say("operate.balance.note")}
      actions={
        <>
          <Link to="/operate/ledger" search={{ organization: id }}>
            {say("operate.organizations.entries")}
          </Link>
          <Link to="/operate/statements" search={{ seller: id }}>
            {say("operate.organizations.statements")}
          </Link>
        </>
      }
    >
      <div className={styles.gap}>
        <BalanceTable balances={data.ledgerBalances} />
        {data.statements.nodes.length > 0 && (
          <DataTable
            caption={say("operate.organizations.lastStatements")}
            isCaptionHidden={false}
            columns={columns}
            rows={data.statements.nodes}
            rowKey={({ id: statement }) => statement}
          />
        )}
      </div>
    </Section>
  );
}
