// Where a listing stands with the operator and in the market, and what its provider can do about it.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { Card, Section } from "@/ui/page";
import { Notice } from "@/ui/state";
import { useToast } from "@/ui/toast";
import styles from "../desk/desk.module.css";
import { useDeskRefusals } from "../desk/refusals";
import { needsChanges } from "./listing-badges";
import { SellDeprecateListing, SellRetireListing, SellSubmitListing, type SellListingFullFragment } from "./sell-listing.generated";

interface Props {
  listing: SellListingFullFragment;
  isReadOnly: boolean;
  /** Whether the form holds what is not saved yet: what is submitted is what is saved. */
  isUnsaved: boolean;
}

export function ListingReview({ listing, isReadOnly, isUnsaved }: Props) {
  const say = useSay();
  const { state } = listing;
  const isOnMarket = state === "PUBLISHED" || state === "DEPRECATED";
  const isEnded = state === "DEPRECATED" || state === "RETIRED";
  return (
    <Card>
      <Section id="review" title={say("sell.review.title")}>
        <div className={styles.stack}>
          <Standing listing={listing} />
          {!isReadOnly && state !== "RETIRED" && (
            <div className={styles.row}>
              {!isEnded && listing.isInReview !== true && <Submit listing={listing} isUnsaved={isUnsaved} />}
              {state === "PUBLISHED" && <End id={listing.id} act="deprecate" />}
              {(isOnMarket || state === "DRAFT") && <End id={listing.id} act="retire" />}
            </div>
          )}
        </div>
      </Section>
    </Card>
  );
}

function Standing({ listing }: { listing: SellListingFullFragment }) {
  const say = useSay();
  const { state, isInReview, reviewNote, version } = listing;
  if (needsChanges(listing)) {
    return (
      <Notice tone="attention" title={say("sell.review.changes")}>
        <p className={styles.pre}>
          <bdi>{reviewNote}</bdi>
        </p>
        <p className={styles.fine}>{say("sell.review.changes.body")}</p>
      </Notice>
    );
  }
  const number = version?.number ?? 0;
  switch (state) {
    case "DRAFT":
      return <Notice title={say("sell.review.draft")}>{say("sell.review.draft.body")}</Notice>;
    case "IN_REVIEW":
      return <Notice title={say("sell.review.waiting")}>{say("sell.review.waiting.body")}</Notice>;
    case "PUBLISHED":
      return isInReview === true ? (
        <Notice title={say("sell.review.waiting")}>{say("sell.review.waiting.next", { number })}</Notice>
      ) : (
        <Notice tone="good" title={say("sell.review.published")}>
          {say("sell.review.published.body", { number, next: number + 1 })}
        </Notice>
      );
    case "DEPRECATED":
      return <Notice title={say("sell.review.deprecated")}>{say("sell.review.deprecated.body")}</Notice>;
    case "RETIRED":
      return <Notice title={say("sell.review.retired")}>{say("sell.review.retired.body")}</Notice>;
  }
}

function Submit({ listing: { id, state }, isUnsaved }: { listing: SellListingFullFragment; isUnsaved: boolean }) {
  const say = useSay();
  const toast = useToast();
  const { run, isPending, errors } = useAct(SellSubmitListing, (data) => data.submitListing);
  const refused = useDeskRefusals(errors);
  const submit = async () => {
    if ((await run({ listingId: id })) !== null) toast({ title: say("sell.review.submitted"), tone: "good" });
  };
  return (
    <>
      <FormErrors errors={refused} />
      <Button variant={state === "DRAFT" ? "primary" : "secondary"} isPending={isPending} isDisabled={isUnsaved} onPress={() => void submit()}>
        {say("sell.review.submit")}
      </Button>
      {isUnsaved && <p className={styles.fine}>{say("sell.review.unsaved")}</p>}
    </>
  );
}

/** Takes a listing off the market, by half or for good; asked once. */
function End({ id, act }: { id: string; act: "deprecate" | "retire" }) {
  const say = useSay();
  const toast = useToast();
  const [isOpen, setOpen] = useState(false);
  const deprecating = useAct(SellDeprecateListing, (data) => data.deprecateListing);
  const retiring = useAct(SellRetireListing, (data) => data.retireListing);
  const { run, errors } = act === "deprecate" ? deprecating : retiring;
  const refused = useDeskRefusals(errors);
  const confirm = async () => {
    if ((await run({ listingId: id })) === null) return false;
    toast({ title: say(act === "deprecate" ? "sell.review.deprecated.done" : "sell.review.retired.done"), tone: "good" });
    return true;
  };
  return (
    <>
      <Button variant="quiet" onPress={() => setOpen(true)}>
        {say(`sell.review.${act}`)}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={say(`sell.review.${act}.title`)}
        body={
          <>
            <p>{say(`sell.review.${act}.body`)}</p>
            <FormErrors errors={refused} />
          </>
        }
        confirmLabel={say(`sell.review.${act}`)}
        tone="danger"
        onConfirm={confirm}
      />
    </>
  );
}
