// The form of a listing's content: begins a new one, or writes the next version of one.
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { useDraft } from "@/lib/draft";
import { focusFirstWrong } from "@/lib/focus";
import { useSay } from "@/lib/say";
import { FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { Notice } from "@/ui/state";
import { TextField } from "@/ui/text-field";
import styles from "../desk/desk.module.css";
import { DraftFoot } from "../desk/draft-foot";
import { useDeskRefusals } from "../desk/refusals";
import { slugOf } from "../stores/store-draft";
import type { ContentDraft } from "./content-draft";
import type { ListingKind } from "./listing-kinds";
import { ContentFields, SHOWN_AT_FIELD, useWrong } from "./content-fields";
import { contentProblems } from "./content-problems";

interface Props {
  /** Names the form and the listing, for what is kept over a reload. */
  draftKey: string;
  kind: ListingKind;
  initial: ContentDraft;
  isNew: boolean;
  isDisabled: boolean;
  /** Why the last save was refused or failed. */
  errors: readonly UserErrorLike[];
  /** Answers whether it was saved. */
  onSave: (draft: ContentDraft) => Promise<boolean>;
  /** Told whether anything is not saved yet. */
  onChanged?: ((isChanged: boolean) => void) | undefined;
  /** Shown above the fields. */
  children?: ReactNode;
}

export function ListingForm({ draftKey, kind, initial, isNew, isDisabled, errors, onSave, onChanged, children }: Props) {
  const say = useSay();
  const form = useDraft(draftKey, initial);
  const [wasTried, setTried] = useState(false);
  const [isPending, setPending] = useState(false);
  const { isChanged } = form;
  useEffect(() => onChanged?.(isChanged), [onChanged, isChanged]);
  const refused = useDeskRefusals(errors);
  const found = contentProblems(kind, form.draft, isNew);
  const isUnfit = Object.keys(found).length > 0;
  const problems = wasTried ? found : {};
  const wrong = useWrong({ problems, refused });
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (isUnfit) return focusFirstWrong(event.currentTarget);
    setPending(true);
    const isSaved = await onSave(form.draft);
    setPending(false);
    if (!isSaved) return;
    form.reset(form.draft);
    setTried(false);
  };
  return (
    <form className={styles.stack} onSubmit={save} noValidate>
      {children}
      {form.isRestored && <Notice>{say("sell.draft.restored")}</Notice>}
      <FormErrors errors={refused} shownAtField={SHOWN_AT_FIELD} />
      {isNew && (
        <TextField
          label={say("sell.listing.slug")}
          description={say("sell.listing.slug.note")}
          prefix="/listings/"
          placeholder={slugOf(form.draft.name.en)}
          value={form.draft.slug}
          onChange={(slug) => form.change({ slug: slug.toLowerCase() })}
          error={wrong("slug")}
          isRequired
          autoComplete="off"
        />
      )}
      <ContentFields kind={kind} draft={form.draft} change={form.change} problems={problems} refused={refused} isDisabled={isDisabled} />
      {!isDisabled && (
        <DraftFoot
          form={form}
          saveLabel={say(isNew ? "sell.listing.draft" : "sell.listing.save")}
          isPending={isPending}
          isDisabled={!isNew && !form.isChanged}
          isUnfit={wasTried && isUnfit}
        />
      )}
    </form>
  );
}
