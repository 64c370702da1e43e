// What the pages of one listing share: its header, the ways between them, and the listing not being there.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { ErrorState, Skeleton } from "@/ui/state";
import { tabClass, tabListClass } from "@/ui/tabs";
import desk from "../desk/desk.module.css";
import { ListingBadges } from "./listing-badges";
import { SellListing, type SellListingFullFragment } from "./sell-listing.generated";

interface Props {
  id: string;
  view: "content" | "offers";
  children: (listing: SellListingFullFragment) => ReactNode;
}

/** Its count of offers has no offer in it: publishing one must still ask anew. */
const CONTEXT = { additionalTypenames: ["Offer"] };

export function ListingFrame({ id, view, children }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const [{ data, error }, ask] = useQuery({ query: SellListing, variables: { id, language }, context: CONTEXT });
  const node = data?.node;
  const listing = node != null && "workingVersion" in node ? (node as SellListingFullFragment) : null;
  useHead(listing === null ? say("sell.listings.title") : `${listing.shownName} · ${say(`sell.listing.${view}`)}`);
  if (error !== undefined && data === undefined) return <Failure isPage error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />;
  if (data === undefined) return <Skeleton lines={10} />;
  // Another's listing has no working version to read.
  if (listing === null || listing.workingVersion === null) return <Missing />;
  return (
    <>
      <Header listing={listing} />
      <nav aria-label={say("sell.listing.views")} className={tabListClass}>
        <Link to="/sell/listings/$id" params={{ id }} className={tabClass} activeOptions={{ exact: true }} aria-current={view === "content" ? "page" : undefined}>
          {say("sell.listing.content")}
        </Link>
        <Link to="/sell/listings/$id/offers" params={{ id }} className={tabClass} aria-current={view === "offers" ? "page" : undefined}>
          {say("sell.listing.offers")} ({listing.offers.totalCount})
        </Link>
      </nav>
      <div className={desk.under}>{children(listing)}</div>
    </>
  );
}

function Header({ listing }: { listing: SellListingFullFragment }) {
  const say = useSay();
  const isOnMarket = listing.state === "PUBLISHED" || listing.state === "DEPRECATED";
  return (
    <PageHeader
      title={<bdi>{listing.shownName}</bdi>}
      lead={
        <>
          {say(`sell.kind.${listing.kind}`)} · <code>/listings/{listing.slug}</code> <ListingBadges {...listing} />
        </>
      }
      breadcrumbs={[
        <Link key="listings" to="/sell/listings">
          {say("sell.listings.title")}
        </Link>,
      ]}
      actions={
        isOnMarket && (
          <Link to="/listings/$slug" params={{ slug: listing.slug }} className={buttonClass("secondary")}>
            {say("sell.listing.visit")}
          </Link>
        )
      }
    />
  );
}

function Missing() {
  const say = useSay();
  return (
    <ErrorState
      isPage
      kind="missing"
      body={say("sell.listing.missing")}
      action={
        <Link to="/sell/listings" className={buttonClass("secondary")}>
          {say("sell.listings.title")}
        </Link>
      }
    />
  );
}
