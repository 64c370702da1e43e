// The payload as a form made from the contract, or as JSON.
import { FormattedMessage, useIntl } from "react-intl";
import { PressGroup } from "@/ui/press-group";
import { TextField } from "@/ui/text-field";
import styles from "./payload-editor.module.css";
import { PayloadFieldInput } from "./payload-field";
import type { EditorMode, PayloadEditing } from "./use-payload";

interface Props {
  editing: PayloadEditing;
  examples: readonly { input: unknown }[];
  /** Whether a call was tried: only then are empty fields marked. */
  wasSent: boolean;
}

const MODES: readonly EditorMode[] = ["form", "json"];

export function PayloadEditor({ editing, examples, wasSent }: Props) {
  const intl = useIntl();
  return (
    <div className={styles.editor}>
      <div className={styles.bar}>
        <PressGroup
          label={intl.formatMessage({ id: "store.try.mode" })}
          value={editing.mode}
          onChange={editing.setMode}
          choices={MODES.map((mode) => ({
            value: mode,
            label: <FormattedMessage id={`store.try.mode.${mode}`} />,
            isDisabled: mode === "form" && "" in editing.problems,
          }))}
        />
        {examples.map(({ input }, index) => (
          <button key={index} type="button" className={styles.example} onClick={() => editing.load(input)}>
            <FormattedMessage id="store.try.example" values={{ number: index + 1 }} />
          </button>
        ))}
      </div>
      {editing.mode === "form" ? <Form editing={editing} wasSent={wasSent} /> : <Json editing={editing} />}
    </div>
  );
}

function Form({ editing, wasSent }: Pick<Props, "editing" | "wasSent">) {
  const { fields, texts, setText, problems } = editing;
  return (
    <div className={styles.fields}>
      {fields.map((field) => {
        const problem = problems[field.name];
        return (
          <PayloadFieldInput
            key={field.name}
            field={field}
            text={texts[field.name] ?? ""}
            onChange={(text) => setText(field.name, text)}
            problem={problem === "missing" && !wasSent ? undefined : problem}
          />
        );
      })}
    </div>
  );
}

function Json({ editing }: Pick<Props, "editing">) {
  const intl = useIntl();
  return (
    <div className={styles.code}>
      <TextField
        label={intl.formatMessage({ id: "store.try.json" })}
        isMultiline
        rows={12}
        value={editing.json}
        onChange={editing.setJson}
        error={"" in editing.problems ? intl.formatMessage({ id: "store.try.problem.json" }) : null}
      />
    </div>
  );
}

