// The editor of a store's page, with the page as buyers will see it beside the form.
import { useState, type FormEvent } from "react";
import { useAct } from "@/lib/act";
import { useDraft } from "@/lib/draft";
import { focusFirstWrong } from "@/lib/focus";
import { useSay } from "@/lib/say";
import { RadioField } from "@/ui/choice-field";
import { fieldError, FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { LocalizedField } from "@/ui/localized-field";
import { Notice } from "@/ui/state";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../desk/desk.module.css";
import { DraftFoot } from "../desk/draft-foot";
import { useDeskRefusals } from "../desk/refusals";
import { AccentField } from "./accent-field";
import { SellOpenStore, SellUpdateStore, type SellStorePageFragment } from "./sell-store.generated";
import { DESCRIPTION_MAX, NAME_MAX, STORE_KINDS, storeDraft, storePageInput, storeProblems, type StoreDraft } from "./store-draft";
import { StorePreview } from "./store-preview";

interface Props {
  organization: { id: string; name: string };
  store: SellStorePageFragment | null;
  isReadOnly: boolean;
}

export function StoreEditor({ organization, store, isReadOnly }: Props) {
  const say = useSay();
  const toast = useToast();
  const form = useDraft(`store.${organization.id}`, storeDraft(store, organization.name));
  const opening = useAct(SellOpenStore, (data) => data.openStore);
  const updating = useAct(SellUpdateStore, (data) => data.updateStore);
  const { errors, isPending } = store === null ? opening : updating;
  const [wasTried, setTried] = useState(false);
  const problems = storeProblems(form.draft);
  const isUnfit = Object.values(problems).some(Boolean);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (isUnfit) return focusFirstWrong(event.currentTarget);
    const page = storePageInput(form.draft);
    const answer = await (store === null ? opening.run({ slug: form.draft.slug, page, idempotencyKey: `open-store.${organization.id}` }) : updating.run({ page }));
    if (answer?.provider == null) return;
    form.reset(storeDraft(answer.provider, organization.name));
    setTried(false);
    toast({ title: say(store === null ? "sell.store.opened" : "sell.store.saved"), tone: "good" });
  };
  return (
    <div className={styles.split}>
      <form className={styles.stack} onSubmit={save} noValidate>
        {form.isRestored && <Notice>{say("sell.draft.restored")}</Notice>}
        <Fields draft={form.draft} change={form.change} refused={errors} wasTried={wasTried} isNew={store === null} isReadOnly={isReadOnly} />
        {!isReadOnly && (
          <DraftFoot form={form} saveLabel={say(store === null ? "sell.store.open" : "sell.store.save")} isPending={isPending} isUnfit={wasTried && isUnfit} />
        )}
      </form>
      <div className={styles.aside}>
        <StorePreview draft={form.draft} logo={store?.logo?.url ?? null} />
      </div>
    </div>
  );
}

interface FieldsProps {
  draft: StoreDraft;
  change: (fields: Partial<StoreDraft>) => void;
  refused: readonly UserErrorLike[];
  wasTried: boolean;
  isNew: boolean;
  isReadOnly: boolean;
}

function Fields({ draft, change, refused, wasTried, isNew, isReadOnly }: FieldsProps) {
  const say = useSay();
  const errors = useDeskRefusals(refused);
  const problems = storeProblems(draft);
  const wrong = (problem: boolean | string | null, message: string, path: string) =>
    wasTried && problem !== null && problem !== false ? message : fieldError(errors, path);
  const text = (problem: keyof typeof problems, max: number, path: string) =>
    wrong(problems[problem], say(`sell.text.${problems[problem] as "empty"}`, { max }), path);
  return (
    <>
      <FormErrors errors={errors} shownAtField={["slug", "page.name", "page.description", "page.website", "page.accent"]} />
      {isNew && (
        <TextField
          label={say("sell.store.slug")}
          description={say("sell.store.slug.note")}
          prefix="/stores/"
          value={draft.slug}
          onChange={(slug) => change({ slug: slug.toLowerCase() })}
          error={wrong(problems.slug, say("sell.slug.wrong"), "slug")}
          isRequired
          isDisabled={isReadOnly}
          autoComplete="off"
        />
      )}
      <LocalizedField
        label={say("sell.store.name")}
        description={say("sell.text.either")}
        value={draft.name}
        onChange={(name) => change({ name })}
        error={text("name", NAME_MAX, "page.name")}
        isDisabled={isReadOnly}
      />
      <LocalizedField
        label={say("sell.store.description")}
        description={say("sell.store.description.note")}
        value={draft.description}
        onChange={(description) => change({ description })}
        error={text("description", DESCRIPTION_MAX, "page.description")}
        isMultiline
        rows={5}
        isDisabled={isReadOnly}
      />
      <RadioField
        label={say("sell.store.kind")}
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        choices={STORE_KINDS.map((kind) => ({ value: kind, label: say(`sell.publisher.${kind}`) }))}
        isDisabled={isReadOnly}
      />
      <TextField
        label={say("sell.store.website")}
        description={say("sell.store.website.note")}
        type="url"
        placeholder="https://example.com"
        value={draft.website}
        onChange={(website) => change({ website })}
        error={wrong(problems.website, say("sell.store.website.wrong"), "page.website")}
        isDisabled={isReadOnly}
        autoComplete="url"
      />
      <AccentField
        value={draft.accent}
        onChange={(accent) => change({ accent })}
        error={wrong(problems.accent, say("sell.error.STORE_ACCENT_INVALID"), "page.accent")}
        isDisabled={isReadOnly}
      />
    </>
  );
}
