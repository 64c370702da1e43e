// What the organization offers to the market and prepares.
import { getRouteApi, Link } from "@tanstack/react-router";
import { ListingList } from "@/features/listings/listing-list";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { useMay, useViewer } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { PageHeader } from "@/ui/page";
import { EmptyState, ForbiddenState } from "@/ui/state";

const route = getRouteApi("/sell/listings");

export function ListingsPage() {
  const say = useSay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay("STORE_WRITE");
  const viewer = useViewer();
  useHead(say("sell.listings.title"));
  if (viewer !== null && !mayWrite) {
    return <ForbiddenState isPage roles={[say("sell.role.owner"), say("sell.role.admin"), say("sell.role.developer")]} />;
  }
  return (
    <>
      <PageHeader
        title={say("sell.listings.title")}
        lead={say("sell.listings.lead")}
        actions={
          <Link to="/sell/listings/new" className={buttonClass("primary")}>
            {say("sell.listings.new")}
          </Link>
        }
      />
      <ListingList search={search} go={(next) => void navigate({ search: given(next) })} nothing={<Nothing hasStore={viewer?.organization.store != null} />} />
    </>
  );
}

function Nothing({ hasStore }: { hasStore: boolean }) {
  const say = useSay();
  return (
    <EmptyState
      title={say("sell.listings.empty")}
      body={say(hasStore ? "sell.listings.empty.body" : "sell.listings.empty.store")}
      action={
        hasStore ? (
          <Link to="/sell/listings/new" className={buttonClass("primary")}>
            {say("sell.listings.new")}
          </Link>
        ) : (
          <Link to="/sell/store" className={buttonClass("primary")}>
            {say("sell.check.store.action")}
          </Link>
        )
      }
    />
  );
}
