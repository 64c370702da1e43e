// What stands under a long form of the desk: the button that saves it, the way back, and what is not saved.
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import styles from "./desk.module.css";

interface Props {
  /** The draft that it stands under. */
  form: { isChanged: boolean; reset: () => void };
  saveLabel: string;
  isPending: boolean;
  isDisabled?: boolean;
  /** Whether saving was tried in vain. */
  isUnfit: boolean;
}

export function DraftFoot({ form, saveLabel, isPending, isDisabled = false, isUnfit }: Props) {
  const say = useSay();
  return (
    <div className={styles.foot}>
      <Button type="submit" variant="primary" isPending={isPending} isDisabled={isDisabled}>
        {saveLabel}
      </Button>
      {form.isChanged && (
        <Button variant="quiet" onPress={() => form.reset()}>
          {say("sell.draft.discard")}
        </Button>
      )}
      <span className={styles.fine} role="status">
        {isUnfit ? say("sell.form.unfit") : form.isChanged ? say("sell.draft.unsaved") : ""}
      </span>
    </div>
  );
}
