// The seller desk at a glance: what blocks the first sale, then figures and what changed last.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { checklist, furthest, isComplete } from "@/features/desk/checklist";
import { ChecklistView } from "@/features/desk/checklist-view";
import { DeskFigures } from "@/features/desk/desk-figures";
import { SellDesk, type SellDeskQuery } from "@/features/desk/sell-desk.generated";
import styles from "@/features/desk/desk.module.css";
import { KindName, ListingBadges, needsChanges } from "@/features/listings/listing-badges";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay, useViewer } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { DataTable } from "@/ui/data-table";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";

type Listings = SellDeskQuery["myListings"];
type Row = Listings["nodes"][number];

/** An organization without listings has none in its answer: drafting one must still ask anew. */
const CONTEXT = { additionalTypenames: ["Listing", "Offer"] };
const RECENT = 5;

export function Home() {
  const say = useSay();
  const language = useApiLanguage();
  const viewer = useViewer();
  const mayWrite = useMay("STORE_WRITE");
  const [{ data, error }, ask] = useQuery({ query: SellDesk, variables: { language }, pause: !mayWrite, context: CONTEXT });
  useHead(say("sell.title"));
  const header = (
    <PageHeader
      title={say("sell.title")}
      lead={say("sell.lead")}
      actions={
        viewer?.organization.store != null &&
        mayWrite && (
          <Link to="/sell/listings/new" className={buttonClass("primary")}>
            {say("sell.listings.new")}
          </Link>
        )
      }
    />
  );
  if (viewer !== null && !mayWrite) {
    return (
      <>
        {header}
        <Notice>{say("sell.readOnly")}</Notice>
        <DeskFigures published={0} listings="0" />
      </>
    );
  }
  return (
    <>
      {header}
      {error !== undefined && data === undefined && <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />}
      {(viewer === null || data === undefined) && error === undefined && <Skeleton lines={10} />}
      {viewer !== null && data !== undefined && <Desk store={viewer.organization.store} listings={data.myListings} />}
    </>
  );
}

function Desk({ store, listings }: { store: { slug: string } | null; listings: Listings }) {
  const say = useSay();
  const listing = furthest(listings.nodes);
  const checks = checklist(store, listing);
  const asked = listings.nodes.filter(needsChanges).length;
  const published = listings.nodes.filter(({ state }) => state === "PUBLISHED").length;
  return (
    <div className={styles.sections}>
      {asked > 0 && <Notice tone="attention">{say("sell.home.attention", { count: asked })}</Notice>}
      {!isComplete(checks) && <ChecklistView checks={checks} listing={listing} />}
      {store !== null && <DeskFigures published={published} listings={listings.totalCount} />}
      {listings.nodes.length > 0 && <Recent rows={listings.nodes} />}
    </div>
  );
}

function Recent({ rows }: { rows: readonly Row[] }) {
  const say = useSay();
  const recent = [...rows].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt)).slice(0, RECENT);
  return (
    <Section
      title={say("sell.home.recent")}
      actions={
        <Link to="/sell/listings" className={buttonClass("secondary", "small")}>
          {say("sell.home.all")}
        </Link>
      }
    >
      <DataTable
        caption={say("sell.home.recent")}
        rows={recent}
        rowKey={({ id }) => id}
        columns={[
          {
            key: "name",
            header: say("sell.listings.column.name"),
            isRowHeader: true,
            cell: ({ id, name }) => (
              <Link to="/sell/listings/$id" params={{ id }}>
                <bdi>{name}</bdi>
              </Link>
            ),
          },
          { key: "kind", header: say("sell.listings.column.kind"), cell: ({ kind }) => <KindName kind={kind} /> },
          { key: "state", header: say("sell.listings.column.state"), cell: (row) => <ListingBadges {...row} /> },
          { key: "updated", header: say("sell.listings.column.updated"), align: "end", cell: ({ updatedAt }) => <Instant value={updatedAt} format="relative" /> },
        ]}
      />
    </Section>
  );
}
