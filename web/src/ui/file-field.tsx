// One file, chosen or dropped. It is checked here for type and size; the server checks again.
import { useId, useRef, useState } from "react";
import { useIntl } from "react-intl";
import { Chip } from "./chip";
import { hasError, RequiredMark, type FieldProps } from "./field";
import field from "./field.module.css";
import styles from "./file-field.module.css";

interface FileFieldProps extends FieldProps {
  file: File | null;
  onChange: (file: File | null) => void;
  /** Accepted media types, `image/png` or `image/*`, and endings, `.csv`; all where empty. */
  accept?: readonly string[] | undefined;
  maxBytes?: number | undefined;
}

export function FileField(props: FileFieldProps) {
  const { label, description, error, isRequired = false, isDisabled = false, file, onChange, accept = [], maxBytes } = props;
  const intl = useIntl();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const shown = refusal ?? error;
  const take = (chosen: File | undefined) => {
    setOver(false);
    if (chosen === undefined) return;
    const problem = fileProblem(chosen, accept, maxBytes);
    const limit = intl.formatNumber((maxBytes ?? 0) / 1_048_576, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
    setRefusal(problem === null ? null : intl.formatMessage({ id: `ui.file.${problem}` }, { name: chosen.name, limit }));
    if (problem === null) onChange(chosen);
    // Choosing the same file again must count as a change.
    if (input.current !== null) input.current.value = "";
  };
  return (
    <div className={field.field}>
      <label className={field.label} htmlFor={id}>
        {label}
        <RequiredMark isRequired={isRequired} />
      </label>
      <div className={styles.drop} data-over={isOver}>
        <span className={styles.choose}>{intl.formatMessage({ id: "ui.file.choose" })}</span>
        <span className={styles.hint}>{intl.formatMessage({ id: "ui.file.drop" })}</span>
        <input
          ref={input}
          className={styles.native}
          id={id}
          type="file"
          accept={accept.join(",")}
          disabled={isDisabled}
          aria-invalid={hasError(shown) || undefined}
          aria-describedby={`${id}-notes`}
          onChange={(event) => take(event.target.files?.[0])}
          onDragEnter={() => setOver(true)}
          onDragLeave={() => setOver(false)}
        />
      </div>
      <div id={`${id}-notes`}>
        {description !== undefined && <p className={field.description}>{description}</p>}
        {hasError(shown) && (
          <p className={field.error} role="alert">
            {shown}
          </p>
        )}
      </div>
      {file !== null && (
        <div className={styles.chosen}>
          <Chip label={file.name} onRemove={() => onChange(null)} />
        </div>
      )}
    </div>
  );
}

/** Says why a file isn't taken, or null. */
function fileProblem(file: File, accept: readonly string[], maxBytes: number | undefined): "wrongType" | "tooLarge" | null {
  if (accept.length > 0 && !accept.some((each) => isAccepted(file, each))) return "wrongType";
  return maxBytes !== undefined && file.size > maxBytes ? "tooLarge" : null;
}

function isAccepted(file: File, accepted: string): boolean {
  if (accepted.startsWith(".")) return file.name.toLowerCase().endsWith(accepted.toLowerCase());
  return accepted.endsWith("/*") ? file.type.startsWith(accepted.slice(0, -1)) : file.type === accepted;
}
