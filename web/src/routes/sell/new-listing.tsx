// A new listing: what it is, then what it says.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { EMPTY_CONTENT, contentInput, type ContentDraft } from "@/features/listings/content-draft";
import { ListingForm } from "@/features/listings/listing-form";
import { LISTING_KINDS } from "@/features/listings/listing-kinds";
import { SellDraftListing } from "@/features/listings/sell-listing.generated";
import { useAct } from "@/lib/act";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { useMay, useViewer } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { RadioField } from "@/ui/choice-field";
import { PageHeader } from "@/ui/page";
import { EmptyState, ForbiddenState } from "@/ui/state";
import { useToast } from "@/ui/toast";

const route = getRouteApi("/sell/listings/new");

export function NewListingPage() {
  const say = useSay();
  const toast = useToast();
  const { kind = "MODEL" } = route.useSearch();
  const navigate = route.useNavigate();
  const viewer = useViewer();
  const mayWrite = useMay("STORE_WRITE");
  const { run, errors } = useAct(SellDraftListing, (data) => data.draftListing);
  useHead(say("sell.listing.new.title"));
  // One key for all tries of this listing: what a refused try has claimed is then its own.
  const [key] = useState(() => crypto.randomUUID());
  const save = async (draft: ContentDraft) => {
    const answer = await run({ slug: draft.slug, content: contentInput(kind, draft), idempotencyKey: key });
    const id = answer?.listing?.id;
    if (id === undefined) return false;
    toast({ title: say("sell.listing.drafted"), tone: "good" });
    void navigate({ to: "/sell/listings/$id", params: { id } });
    return true;
  };
  if (viewer !== null && !mayWrite) {
    return <ForbiddenState isPage roles={[say("sell.role.owner"), say("sell.role.admin"), say("sell.role.developer")]} />;
  }
  return (
    <>
      <PageHeader
        title={say("sell.listing.new.title")}
        lead={say("sell.listing.new.lead")}
        breadcrumbs={[
          <Link key="listings" to="/sell/listings">
            {say("sell.listings.title")}
          </Link>,
        ]}
      />
      {viewer?.organization.store === null ? (
        <EmptyState
          title={say("sell.check.store")}
          body={say("sell.listings.empty.store")}
          action={
            <Link to="/sell/store" className={buttonClass("primary")}>
              {say("sell.check.store.action")}
            </Link>
          }
        />
      ) : (
        <ListingForm
          draftKey={`listing.new.${viewer?.organization.id ?? ""}`}
          kind={kind}
          initial={EMPTY_CONTENT}
          isNew
          isDisabled={false}
          errors={errors}
          onSave={save}
        >
          <RadioField
            label={say("sell.listing.new.kind")}
            description={say("sell.listing.new.kind.note")}
            value={kind}
            onChange={(chosen) => void navigate({ search: { kind: chosen }, replace: true })}
            choices={LISTING_KINDS.map((each) => ({ value: each, label: say(`sell.kind.${each}`), description: say(`sell.kind.${each}.note`) }))}
          />
        </ListingForm>
      )}
    </>
  );
}
