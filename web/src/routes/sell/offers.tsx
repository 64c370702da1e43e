// The offers on one listing, and the builder of the next one or of an offer's new terms.
import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "urql";
import { ListingFrame } from "@/features/listings/listing-frame";
import type { SellListingFullFragment } from "@/features/listings/sell-listing.generated";
import { OfferBuilder } from "@/features/offers/offer-builder";
import { offerDraft, repriceDraft, termsInput, type OfferDraft } from "@/features/offers/offer-draft";
import { OfferList } from "@/features/offers/offer-list";
import { SellOneOffer, SellPublishOffer, SellRepriceOffer, type SellOfferFragment } from "@/features/offers/sell-offers.generated";
import { useAct } from "@/lib/act";
import { localizedInput, textIn } from "@/lib/localized";
import type { MeterName } from "@/lib/meters";
import { useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { useMay, useViewer } from "@/lib/viewer";
import { Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { useToast } from "@/ui/toast";
import { useIntl } from "react-intl";

const route = getRouteApi("/sell/listings/$id/offers");

export function OffersPage() {
  const { id } = route.useParams();
  return (
    <ListingFrame id={id} view="offers">
      {(listing) => <Offers listing={listing} />}
    </ListingFrame>
  );
}

function Offers({ listing }: { listing: SellListingFullFragment }) {
  const say = useSay();
  const { offer, ...paging } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay("STORE_WRITE");
  const isGone = listing.state === "RETIRED";
  return (
    <>
      {!mayWrite && <Notice>{say("sell.readOnly")}</Notice>}
      <OfferList
        listing={listing}
        paging={paging}
        go={(next) => void navigate({ search: given({ ...next, offer }) })}
        isReadOnly={!mayWrite || isGone}
        onReprice={(chosen) => void navigate({ search: given({ ...paging, offer: chosen }) })}
      />
      {mayWrite && !isGone && (offer === undefined ? <Publish listing={listing} /> : <Reprice key={offer} id={offer} listing={listing} />)}
      {isGone && <Notice>{say("sell.error.LISTING_GONE")}</Notice>}
    </>
  );
}

/** The meters that the listing's calls are counted on. */
function metersOf({ workingVersion }: SellListingFullFragment): MeterName[] {
  return [...new Set((workingVersion?.capabilities ?? []).map(({ meter, contract }) => contract?.meter ?? meter))];
}

function Publish({ listing }: { listing: SellListingFullFragment }) {
  const say = useSay();
  const toast = useToast();
  const currency = useViewer()?.organization.currencyCode ?? "CNY";
  const { run, errors, isPending } = useAct(SellPublishOffer, (data) => data.publishOffer);
  const needed = metersOf(listing);
  const save = async (draft: OfferDraft) => {
    if ((await run({ listingId: listing.id, name: localizedInput(draft.name), terms: termsInput(draft) })) === null) return false;
    toast({ title: say("sell.offer.published"), tone: "good" });
    return true;
  };
  return (
    <Section id="builder" title={say("sell.offer.new")} note={say("sell.offer.new.note")}>
      <OfferBuilder
        draftKey={`offer.new.${listing.id}`}
        initial={offerDraft(needed.length === 0 && listing.kind === "MODEL" ? ["REQUEST"] : needed, currency)}
        isReprice={false}
        needed={needed}
        errors={errors}
        isPending={isPending}
        onSave={save}
      />
    </Section>
  );
}

function Reprice({ id, listing }: { id: string; listing: SellListingFullFragment }) {
  const [{ data, error }] = useQuery({ query: SellOneOffer, variables: { id } });
  if (data === undefined && error === undefined) return <Skeleton lines={6} />;
  const offer = data?.offer;
  return offer == null || offer.isWithdrawn ? <Publish listing={listing} /> : <RepriceOne offer={offer} listing={listing} />;
}

function RepriceOne({ offer, listing }: { offer: SellOfferFragment; listing: SellListingFullFragment }) {
  const say = useSay();
  const toast = useToast();
  const { locale } = useIntl();
  const paging = route.useSearch();
  const navigate = route.useNavigate();
  const { run, errors, isPending } = useAct(SellRepriceOffer, (data) => data.repriceOffer);
  const leave = () => void navigate({ search: given({ ...paging, offer: undefined }) });
  const save = async (draft: OfferDraft) => {
    if ((await run({ offerId: offer.id, terms: termsInput(draft) })) === null) return false;
    toast({ title: say("sell.offer.repriced"), tone: "good" });
    leave();
    return true;
  };
  return (
    <Section
      id="builder"
      title={say("sell.offer.reprice.title", { name: textIn({ en: offer.nameEn, zh: offer.nameZh }, locale) })}
      note={say("sell.offer.reprice.note", { next: offer.priceVersion + 1 })}
    >
      <OfferBuilder
        draftKey={`offer.${offer.id}.${offer.priceVersion}`}
        initial={repriceDraft(offer)}
        isReprice
        needed={metersOf(listing)}
        errors={errors}
        isPending={isPending}
        onSave={save}
        onCancel={leave}
      />
    </Section>
  );
}
