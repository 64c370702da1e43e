// Entering a capability into the catalog, or saying something else of it. Its slug it keeps.
import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import type { Meter } from "@/gql/types";
import { useAct } from "@/lib/act";
import { useDraft } from "@/lib/draft";
import { METERS } from "@/lib/meters";
import { decimalProblem, normalizeDecimal } from "@/lib/numbers";
import { useRefusals } from "@/lib/refusals";
import { useApiLanguage, useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { CheckboxField, RadioField, SelectField } from "@/ui/choice-field";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { LocalizedField } from "@/ui/localized-field";
import { Notice } from "@/ui/state";
import { NumberField, TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import type { Capability } from "./capability-sections";
import { OperateCategories, OperateDefineCapability } from "./operate-capabilities.generated";

const QUOTED_PER = { scale: 0, min: "1", max: "2147483647" };
const AT_FIELDS = ["slug", "category", "subcategory", "name", "inputs", "outputs", "industries", "quotedPer"];

interface Draft {
  slug: string;
  category: string;
  subcategory: string;
  name: { en: string; zh: string };
  inputs: string;
  outputs: string;
  industries: string;
  meter: Meter;
  quotedPer: string;
  usuallyFree: "yes" | "no" | "";
  specialised: boolean;
}

function draftOf(capability: Capability | undefined): Draft {
  return {
    slug: capability?.slug ?? "",
    category: capability?.category.slug ?? "",
    subcategory: capability?.subcategory ?? "",
    name: { en: capability?.nameEn ?? "", zh: capability?.nameZh ?? "" },
    inputs: capability?.inputs.join(", ") ?? "",
    outputs: capability?.outputs.join(", ") ?? "",
    industries: capability?.industries.join(", ") ?? "",
    meter: capability?.meter ?? "REQUEST",
    quotedPer: capability?.quotedPer ?? "1",
    usuallyFree: capability === undefined ? "" : capability.isUsuallyFree ? "yes" : "no",
    specialised: capability?.isSpecialised ?? false,
  };
}

interface Props {
  /** The capability to say something else of; without it a new one is entered. */
  capability?: Capability | undefined;
  onDone: (slug: string) => void;
}

export function CapabilityForm({ capability, onDone }: Props) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const [initial] = useState(() => draftOf(capability));
  const { draft, change, forget, reset, isRestored } = useDraft(`operate.capability.${capability?.slug ?? "new"}`, initial);
  const { run, errors, isPending } = useAct(OperateDefineCapability, (data) => data.defineCapability);
  const words = inWords(errors);
  const quotedPer = normalizeDecimal(draft.quotedPer);
  const isComplete =
    draft.slug.trim() !== "" &&
    draft.category !== "" &&
    draft.name.en.trim() !== "" &&
    draft.name.zh.trim() !== "" &&
    draft.usuallyFree !== "" &&
    decimalProblem(quotedPer, QUOTED_PER) === null;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete) return;
    const answer = await run({
      ...draft,
      slug: draft.slug.trim(),
      subcategory: draft.subcategory.trim(),
      name: { en: draft.name.en.trim(), zh: draft.name.zh.trim() },
      inputs: listOf(draft.inputs),
      outputs: listOf(draft.outputs),
      industries: listOf(draft.industries),
      quotedPer: Number(quotedPer),
      usuallyFree: draft.usuallyFree === "yes",
    });
    const slug = answer?.capability?.slug;
    if (slug === undefined) return;
    forget();
    toast({ title: say("operate.capability.defined"), tone: "good" });
    onDone(slug);
  };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      {isRestored && (
        <Notice title={say("operate.contract.restored")}>
          <Button size="small" onPress={() => reset()}>
            {say("operate.contract.discard")}
          </Button>
        </Notice>
      )}
      <FormErrors errors={words} shownAtField={AT_FIELDS} />
      <Fields draft={draft} change={change} isNew={capability === undefined} at={(field) => fieldError(words, field)} />
      <div className={styles.actions}>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isComplete}>
          {say(capability === undefined ? "operate.capabilities.define" : "operate.settings.save")}
        </Button>
      </div>
    </form>
  );
}

/** Words divided by commas of either script, or by lines. */
function listOf(text: string): string[] {
  return text
    .split(/[,，、\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

interface FieldsProps {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  isNew: boolean;
  at: (field: string) => string | null;
}

function Fields({ draft, change, isNew, at }: FieldsProps) {
  const say = useSay();
  const [{ data }] = useQuery({ query: OperateCategories, variables: { language: useApiLanguage() } });
  const text = (field: "subcategory" | "inputs" | "outputs" | "industries", isRequired: boolean) => (
    <TextField
      label={say(`operate.capability.${field}`)}
      description={field === "subcategory" ? undefined : say("operate.capability.words.hint")}
      value={draft[field]}
      onChange={(value) => change({ [field]: value })}
      error={at(field)}
      isRequired={isRequired}
    />
  );
  return (
    <>
      <TextField
        label={say("operate.column.slug")}
        description={say("operate.capability.slug.hint")}
        value={draft.slug}
        onChange={(slug) => change({ slug })}
        error={at("slug")}
        isDisabled={!isNew}
        isRequired
      />
      <LocalizedField label={say("operate.column.name")} value={draft.name} onChange={(name) => change({ name })} error={at("name")} isRequired />
      <div className={styles.pair}>
        <SelectField
          label={say("operate.column.category")}
          value={draft.category}
          onChange={(category) => change({ category })}
          choices={(data?.categories ?? []).map(({ slug, name }) => ({ value: slug, label: name }))}
          error={at("category")}
          isRequired
        />
        {text("subcategory", true)}
        {text("inputs", true)}
        {text("outputs", true)}
        {text("industries", false)}
        <SelectField
          label={say("operate.column.meter")}
          value={draft.meter}
          onChange={(meter) => change({ meter })}
          choices={METERS.map((value) => ({ value, label: say(`operate.meter.${value}`) }))}
          isRequired
        />
        <NumberField
          {...QUOTED_PER}
          label={say("operate.capability.quotedPer")}
          description={say("operate.capability.quotedPer.hint")}
          value={draft.quotedPer}
          onChange={(value) => change({ quotedPer: value })}
          error={at("quotedPer")}
          isRequired
        />
      </div>
      <RadioField
        label={say("operate.capability.usuallyFree")}
        value={draft.usuallyFree}
        onChange={(usuallyFree) => change({ usuallyFree })}
        choices={[
          { value: "yes" as const, label: say("operate.capability.usuallyFree.yes") },
          { value: "no" as const, label: say("operate.capability.usuallyFree.no") },
        ]}
        isRequired
      />
      <CheckboxField
        label={say("operate.capability.specialised")}
        description={say("operate.capability.specialised.hint")}
        isSelected={draft.specialised}
        onChange={(specialised) => change({ specialised })}
      />
    </>
  );
}
