// The store's page, opened and kept by its organization.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { SellStore } from "@/features/stores/sell-store.generated";
import desk from "@/features/desk/desk.module.css";
import { StoreLogo } from "@/features/stores/store-logo";
import { StoreEditor } from "@/features/stores/store-editor";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";

/** An organization without a store has none in its answer: opening one must still ask anew. */
const CONTEXT = { additionalTypenames: ["Provider"] };

export function StorePage() {
  const say = useSay();
  const mayWrite = useMay("STORE_WRITE");
  const [{ data, error }, ask] = useQuery({ query: SellStore, context: CONTEXT });
  useHead(say("sell.store.title"));
  const organization = data?.viewer.organization;
  const store = organization?.store ?? null;
  return (
    <>
      <PageHeader
        title={say("sell.store.title")}
        lead={say(store === null ? "sell.store.lead.new" : "sell.store.lead")}
        actions={
          store !== null && (
            <Link to="/stores/$slug" params={{ slug: store.slug }} className={buttonClass("secondary")}>
              {say("sell.store.visit")}
            </Link>
          )
        }
      />
      {!mayWrite && <Notice>{say("sell.readOnly")}</Notice>}
      {error !== undefined && <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />}
      {organization === undefined && error === undefined && <Skeleton lines={8} />}
      {organization !== undefined && (
        <StoreEditor key={store === null ? "new" : "open"} organization={organization} store={store} isReadOnly={!mayWrite} />
      )}
      {store !== null && mayWrite && (
        <div className={desk.under}>
          <StoreLogo store={store} />
        </div>
      )}
    </>
  );
}
