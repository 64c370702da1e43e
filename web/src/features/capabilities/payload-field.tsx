// One field of a payload, in the control that suits what may stand there.
import { useState, type ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { CheckboxField, SelectField } from "@/ui/choice-field";
import { FileField } from "@/ui/file-field";
import { TextField } from "@/ui/text-field";
import { dataUrl, readBase64 } from "./image";
import type { PayloadField, Problem } from "./payload";
import styles from "./payload-editor.module.css";

interface Props {
  field: PayloadField;
  text: string;
  onChange: (text: string) => void;
  problem: Problem | undefined;
}

/** How many characters of base64 stand for three bytes. */
const BASE64_CHARACTERS = 4;

export function PayloadFieldInput({ field, text, onChange, problem }: Props) {
  const intl = useIntl();
  const { name, kind, schema, isRequired } = field;
  const error = problem === undefined ? null : intl.formatMessage({ id: `store.try.problem.${problem}` });
  // Contracts describe their fields in English, whatever the page speaks.
  const described = schema.description === undefined ? {} : { description: <span lang="en">{schema.description}</span> };
  const common = { label: name, isRequired, error, ...described };
  switch (kind) {
    case "image":
      return <ImageField {...common} text={text} onChange={onChange} maxLength={schema.maxLength} />;
    case "choice":
      return (
        <SelectField
          {...common}
          value={text}
          onChange={onChange}
          placeholder={isRequired ? undefined : intl.formatMessage({ id: "store.try.unset" })}
          choices={[
            ...(isRequired || text === "" ? [] : [{ value: "", label: intl.formatMessage({ id: "store.try.unset" }) }]),
            ...(schema.enum ?? []).map((value) => ({ value: JSON.stringify(value), label: String(value) })),
          ]}
        />
      );
    case "flag":
      return <CheckboxField {...common} isSelected={text === "true"} onChange={(is) => onChange(String(is))} />;
    case "line":
    case "integer":
    case "number":
      return <TextField {...common} value={text} onChange={onChange} />;
    case "text":
      return <TextField {...common} isMultiline rows={4} value={text} onChange={onChange} />;
    case "lines":
    case "numbers":
    case "json":
      return (
        <div className={kind === "json" ? styles.code : undefined}>
          <TextField
            {...common}
            description={described.description ?? intl.formatMessage({ id: `store.try.hint.${kind}` })}
            isMultiline
            rows={kind === "json" ? 6 : 4}
            value={text}
            onChange={onChange}
          />
        </div>
      );
  }
}

interface ImageFieldProps {
  label: string;
  isRequired: boolean;
  error: string | null;
  description?: ReactNode;
  text: string;
  onChange: (text: string) => void;
  maxLength: number | undefined;
}

function ImageField({ text, onChange, maxLength = 5_600_000, ...common }: ImageFieldProps) {
  const intl = useIntl();
  const [file, setFile] = useState<File | null>(null);
  const url = dataUrl(text);
  const take = (next: File | null) => {
    setFile(next);
    if (next === null) onChange("");
    else void readBase64(next).then(onChange);
  };
  return (
    <div>
      <FileField
        {...common}
        file={file}
        onChange={take}
        accept={["image/*"]}
        maxBytes={Math.floor(maxLength / BASE64_CHARACTERS) * 3}
      />
      {url !== null && (
        <p className={styles.preview}>
          <img src={url} alt={intl.formatMessage({ id: "store.try.image" })} />
          {file === null && <FormattedMessage id="store.try.image.example" />}
        </p>
      )}
    </div>
  );
}
