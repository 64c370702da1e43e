// The operator's answer to a submission: on to the market, or back with a note.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog, Dialog } from "@/ui/dialog";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
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
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending, clear } = useAct(OperateRequestChanges, (data) => data.requestListingChanges);
  const [note, setNote] = useState("");
  const words = inWords(errors);
  const send = async (close: () => void) => {
    if ((await run({ listingId: listing.id, note: note.trim() })) === null) return;
    toast({ title: say("operate.review.asked"), tone: "good" });
    close();
    onAnswered();
  };
  return (
    <Dialog title={say("operate.review.request.title")} trigger={<Button>{say("operate.review.request")}</Button>} onOpenChange={clear}>
      {(close) => (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void send(close);
          }}
        >
          <p>{say("operate.review.request.body")}</p>
          <FormErrors errors={words} shownAtField={["note"]} />
          <TextField
            label={say("operate.review.note")}
            description={say("operate.review.note.hint")}
            value={note}
            onChange={setNote}
            maxLength={NOTE_LENGTH_MAX}
            error={fieldError(words, "note")}
            isMultiline
            rows={6}
            isRequired
            autoFocus
          />
          <div className={styles.actions}>
            <Button onPress={close}>{say("ui.cancel")}</Button>
            <Button type="submit" variant="primary" isPending={isPending} isDisabled={note.trim() === ""}>
              {say("operate.review.request.send")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
