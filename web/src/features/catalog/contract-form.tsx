// The contract's next version, checked as it is typed.
import { useState, type FormEvent } from "react";
import type { Meter } from "@/gql/types";
import { useAct } from "@/lib/act";
import { useDelayed } from "@/lib/delayed";
import { useDraft } from "@/lib/draft";
import { unfolded } from "@/lib/localized";
import { METERS } from "@/lib/meters";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { RadioField, SelectField } from "@/ui/choice-field";
import { FormErrors } from "@/ui/form-errors";
import { LocalizedField } from "@/ui/localized-field";
import { Notice } from "@/ui/state";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import type { Capability } from "./capability-sections";
import { COUNTS, countOf, readContract, type Counting, type ContractDraft, type ContractField, type ContractProblem } from "./contract-draft";
import { JsonField } from "./json-field";
import { OperateDefineContract } from "./operate-capabilities.generated";

const EMPTY_SCHEMA = { type: "object", additionalProperties: false, required: [], properties: {} };

function draftOf({ contract, meter }: Capability): ContractDraft {
  return {
    summary: contract === null ? { en: "", zh: "" } : unfolded(contract.summaryEn, contract.summaryZh),
    meter: contract?.meter ?? meter,
    ...countOf(contract ?? usualCount(meter)),
    inputSchema: pretty(contract?.inputSchema ?? EMPTY_SCHEMA),
    outputSchema: pretty(contract?.outputSchema ?? EMPTY_SCHEMA),
    examples: pretty(contract?.examples.map(({ input, output }) => ({ input, output })) ?? [{ input: {}, output: {} }]),
  };
}

/** The counting rule that most contracts on a meter have. */
function usualCount(meter: Meter): Counting {
  return { countCharactersAt: meter === "CHARACTER" ? ["/text"] : null, countItemsAt: null };
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

export function ContractForm({ capability, onDone }: { capability: Capability; onDone: () => void }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const version = (capability.contract?.version ?? 0) + 1;
  const [initial] = useState(() => draftOf(capability));
  const { draft, change, forget, reset, isRestored } = useDraft(`operate.contract.${capability.slug}.${version}`, initial);
  const { run, errors, isPending } = useAct(OperateDefineContract, (data) => data.defineContract);
  const checked = useDelayed(draft);
  const { problems } = readContract(checked);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { input } = readContract(draft);
    if (input === null || (await run({ ...input, capability: capability.slug, version })) === null) return;
    forget();
    toast({ title: say("operate.contract.defined", { version }), tone: "good" });
    onDone();
  };
  return (
    <form className={`${styles.form} ${styles.wide}`} onSubmit={(event) => void send(event)}>
      {isRestored && (
        <Notice title={say("operate.contract.restored")}>
          <Button size="small" onPress={() => reset()}>
            {say("operate.contract.discard")}
          </Button>
        </Notice>
      )}
      <FormErrors errors={inWords(errors)} />
      <Fields draft={draft} change={change} problems={problems} />
      <p role="status">{say("operate.contract.problems", { count: problems.length })}</p>
      <div className={styles.actions}>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={problems.length > 0}>
          {say("operate.contract.define", { version })}
        </Button>
      </div>
    </form>
  );
}

interface FieldsProps {
  draft: ContractDraft;
  change: (next: Partial<ContractDraft>) => void;
  problems: ContractProblem[];
}

function Fields({ draft, change, problems }: FieldsProps) {
  const say = useSay();
  const at = (field: ContractField) => {
    const found = problems.filter((each) => each.field === field).slice(0, 4);
    return found.length === 0 ? null : found.map(({ kind, values }) => say(`operate.contract.problem.${kind}`, values)).join(" ");
  };
  const json = (field: "inputSchema" | "outputSchema" | "examples", hint: "schema" | "examples") => (
    <JsonField
      label={say(`operate.contract.${field}`)}
      description={say(`operate.contract.${hint}.hint`)}
      value={draft[field]}
      onChange={(value) => change({ [field]: value })}
      error={at(field)}
    />
  );
  return (
    <>
      <LocalizedField
        label={say("operate.contract.summary")}
        description={say("operate.contract.summary.hint")}
        value={draft.summary}
        onChange={(summary) => change({ summary })}
        error={at("summary")}
        isMultiline
        rows={3}
      />
      <div className={styles.pair}>
        <SelectField
          label={say("operate.column.meter")}
          value={draft.meter}
          onChange={(meter) => change({ meter })}
          choices={METERS.map((value) => ({ value, label: say(`operate.meter.${value}`) }))}
          isRequired
        />
        <RadioField
          label={say("operate.contract.count")}
          value={draft.count}
          onChange={(count) => change({ count })}
          choices={COUNTS.map((value) => ({ value, label: say(`operate.contract.count.${value}`) }))}
        />
      </div>
      {draft.count !== "one" && (
        <TextField
          label={say("operate.contract.pointers")}
          description={say(`operate.contract.pointers.${draft.count}`)}
          value={draft.pointers}
          onChange={(pointers) => change({ pointers })}
          error={at("pointers")}
          isMultiline
          rows={2}
          isRequired
        />
      )}
      {json("inputSchema", "schema")}
      {json("outputSchema", "schema")}
      {json("examples", "examples")}
    </>
  );
}
