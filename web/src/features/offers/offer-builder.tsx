// Builds an offer, or new terms for one, with what they would come to beside the form.
import { useState, type FormEvent } from "react";
import { useDraft } from "@/lib/draft";
import { focusFirstWrong } from "@/lib/focus";
import type { MeterName } from "@/lib/meters";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { Notice } from "@/ui/state";
import desk from "../desk/desk.module.css";
import { useDeskRefusals } from "../desk/refusals";
import type { MeterDraft, OfferDraft } from "./offer-draft";
import { OfferEstimate } from "./offer-estimate";
import { OfferFields } from "./offer-fields";
import { offerProblems, termsProblems } from "./offer-problems";

interface Props {
  draftKey: string;
  initial: OfferDraft;
  /** Whether only the terms change: an offer keeps its name. */
  isReprice: boolean;
  /** The meters that calls of the listing are counted on. */
  needed: readonly MeterName[];
  errors: readonly UserErrorLike[];
  isPending: boolean;
  /** Answers whether it was done. */
  onSave: (draft: OfferDraft) => Promise<boolean>;
  onCancel?: (() => void) | undefined;
}

export function OfferBuilder({ draftKey, initial, isReprice, needed, errors, isPending, onSave, onCancel }: Props) {
  const say = useSay();
  const form = useDraft(draftKey, initial);
  const [wasTried, setTried] = useState(false);
  const refused = useDeskRefusals(errors);
  const found = isReprice ? termsProblems(form.draft) : offerProblems(form.draft);
  const isUnfit = Object.keys(found).length > 0;
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (isUnfit) return focusFirstWrong(event.currentTarget);
    if (!(await onSave(form.draft))) return;
    form.reset(isReprice ? form.draft : initial);
    setTried(false);
  };
  const sample = (index: number, fields: Partial<MeterDraft>) =>
    form.change({ meters: form.draft.meters.map((meter, each) => (each === index ? { ...meter, ...fields } : meter)) });
  return (
    <div className={desk.split}>
      <form className={desk.stack} onSubmit={save} noValidate>
        {form.isRestored && <Notice>{say("sell.draft.restored")}</Notice>}
        <FormErrors errors={refused} shownAtField={["name"]} />
        <OfferFields draft={form.draft} change={form.change} problems={wasTried ? found : {}} refused={refused} isReprice={isReprice} needed={needed} />
        <div className={desk.foot}>
          <Button type="submit" variant="primary" isPending={isPending}>
            {say(isReprice ? "sell.offer.reprice" : "sell.offer.publish")}
          </Button>
          {onCancel !== undefined && (
            <Button variant="quiet" onPress={onCancel}>
              {say("ui.cancel")}
            </Button>
          )}
          {form.isChanged && (
            <Button variant="quiet" onPress={() => form.reset()}>
              {say("sell.draft.discard")}
            </Button>
          )}
          <span className={desk.fine} role="status">
            {wasTried && isUnfit ? say("sell.form.unfit") : ""}
          </span>
        </div>
      </form>
      <div className={desk.aside}>
        <OfferEstimate draft={form.draft} onSample={sample} />
      </div>
    </div>
  );
}
