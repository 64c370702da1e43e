// The operator's answer to a submission: on to the market, or back with a note.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { useToast } from "@/ui/toast";
import { AskDialog } from "../operate/ask-dialog";
import styles from "../operate/operate.module.css";
import { OperatePublish, OperateRequestChanges, type OperateReviewedFragment } from "./operate-review.generated";

const NOTE_LENGTH_MAX = 2000;

interface Props {
  listing: OperateReviewedFragment;
  /** Leads on once the answer is given. */
  onAnswered: () => void;
}

export function Decision({ listing, onAnswered }: Props) {
  return (
    <div className={styles.actions}>
      <RequestChanges listing={listing} onAnswered={onAnswered} />
      <Publish listing={listing} onAnswered={onAnswered} />
    </div>
  );
}

function Publish({ listing, onAnswered }: Props) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, clear } = useAct(OperatePublish, (data) => data.publishListing);
  const [isOpen, setOpen] = useState(false);
  const name = listing.workingVersion?.nameEn ?? listing.slug;
  const number = (listing.version?.number ?? 0) + 1;
  const publish = async () => {
    if ((await run({ listingId: listing.id })) === null) return false;
    toast({ title: say("operate.review.published", { name }), tone: "good" });
    onAnswered();
    return true;
  };
  return (
    <ConfirmDialog
      title={say("operate.review.publish.title", { name, number })}
      body={
        <div className={styles.gap}>
          <p>{say(listing.version === null ? "operate.review.publish.first" : "operate.review.publish.next")}</p>
          <FormErrors errors={inWords(errors)} />
        </div>
      }
      confirmLabel={say("operate.review.publish")}
      trigger={<Button variant="primary">{say("operate.review.publish")}</Button>}
      isOpen={isOpen}
      onOpenChange={(next) => (clear(), setOpen(next))}
      onConfirm={publish}
    />
  );
}

function RequestChanges({ listing, onAnswered }: Props) {
  const say = useSay();
  const toast = useToast();
  const request = useAct(OperateRequestChanges, (data) => data.requestListingChanges);
  const send = async (note: string, close: () => void) => {
    if ((await request.run({ listingId: listing.id, note })) === null) return;
    toast({ title: say("operate.review.asked"), tone: "good" });
    close();
    onAnswered();
  };
  return (
    <AskDialog
      title={say("operate.review.request.title")}
      trigger={<Button>{say("operate.review.request")}</Button>}
      field={{
        name: "note",
        label: say("operate.review.note"),
        description: say("operate.review.note.hint"),
        maxLength: NOTE_LENGTH_MAX,
        isMultiline: true,
        rows: 6,
      }}
      submit={{ label: say("operate.review.request.send"), variant: "primary" }}
      act={request}
      onSend={send}
    >
      {say("operate.review.request.body")}
    </AskDialog>
  );
}
