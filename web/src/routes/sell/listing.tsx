// One listing: where it stands, what it says, which versions there were.
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import desk from "@/features/desk/desk.module.css";
import { contentDraft, contentInput, type ContentDraft } from "@/features/listings/content-draft";
import { ListingForm } from "@/features/listings/listing-form";
import { ListingFrame } from "@/features/listings/listing-frame";
import { ListingProbe } from "@/features/listings/listing-probe";
import { ListingReview } from "@/features/listings/listing-review";
import { ListingVersions } from "@/features/listings/listing-versions";
import { SellReviseListing, type SellListingFullFragment } from "@/features/listings/sell-listing.generated";
import { useAct } from "@/lib/act";
import { useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { classNames } from "@/ui/class-names";
import { Notice } from "@/ui/state";
import { useToast } from "@/ui/toast";

const route = getRouteApi("/sell/listings/$id");

export function ListingPage() {
  const { id } = route.useParams();
  return (
    <ListingFrame id={id} view="content">
      {(listing) => <Content listing={listing} />}
    </ListingFrame>
  );
}

function Content({ listing }: { listing: SellListingFullFragment }) {
  const say = useSay();
  const mayWrite = useMay("STORE_WRITE");
  const [isUnsaved, setUnsaved] = useState(false);
  const isFixed = listing.isInReview === true || listing.state === "DEPRECATED" || listing.state === "RETIRED";
  return (
    <>
      {!mayWrite && <Notice>{say("sell.readOnly")}</Notice>}
      <div className={desk.split}>
        <ContentForm key={`${listing.id} ${isFixed}`} listing={listing} isDisabled={isFixed || !mayWrite} onChanged={setUnsaved} />
        <div className={classNames(desk.aside, desk.first)}>
          <ListingReview listing={listing} isReadOnly={!mayWrite} isUnsaved={isUnsaved} />
        </div>
      </div>
      <div className={desk.sections}>
        {listing.kind === "MODEL" && <ListingProbe listing={listing} isReadOnly={!mayWrite} />}
        <ListingVersions versions={listing.versions} />
      </div>
    </>
  );
}

interface FormProps {
  listing: SellListingFullFragment;
  isDisabled: boolean;
  onChanged: (isChanged: boolean) => void;
}

function ContentForm({ listing, isDisabled, onChanged }: FormProps) {
  const say = useSay();
  const toast = useToast();
  const { run, errors } = useAct(SellReviseListing, (data) => data.reviseListing);
  const save = async (draft: ContentDraft) => {
    const answer = await run({ listingId: listing.id, content: contentInput(listing.kind, draft) });
    if (answer === null) return false;
    toast({ title: say("sell.listing.saved"), tone: "good" });
    return true;
  };
  return (
    <ListingForm
      draftKey={`listing.${listing.id}`}
      kind={listing.kind}
      initial={contentDraft(listing)}
      isNew={false}
      isDisabled={isDisabled}
      errors={errors}
      onSave={save}
      onChanged={onChanged}
    />
  );
}
