// Fields to type into: a line, several lines, an exact number, a search.
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { useIntl } from "react-intl";
import { decimalProblem, groupDigits, normalizeDecimal, type DecimalBounds } from "../lib/numbers";
import { classNames } from "./class-names";
import { Field, hasError, inputProps, type FieldProps } from "./field";
import styles from "./field.module.css";
import { Icon } from "./icons";

interface TextFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  onBlur?: (() => void) | undefined;
  type?: "text" | "email" | "password" | "url" | undefined;
  autoComplete?: string | undefined;
  placeholder?: string | undefined;
  maxLength?: number | undefined;
  isMultiline?: boolean | undefined;
  rows?: number | undefined;
  /** What stands inside the box before or after the text: a unit, a currency. */
  prefix?: ReactNode;
  suffix?: ReactNode;
  /** The language of what is typed, where it isn't the page's. */
  lang?: string | undefined;
  autoFocus?: boolean | undefined;
}

/** One line of text, or several with `isMultiline`. */
export function TextField(props: TextFieldProps) {
  const { value, onChange, onBlur, type = "text", isMultiline = false, rows = 4 } = props;
  const { autoComplete, placeholder, maxLength, lang, autoFocus } = props;
  const id = useId();
  const shared = { ...inputProps(id, props), value, onBlur, autoComplete, placeholder, maxLength, lang, autoFocus };
  return (
    <Field id={id} {...props}>
      <Box {...props}>
        {isMultiline ? (
          <textarea {...shared} className={classNames(styles.input, styles.area)} rows={rows} onChange={(event) => onChange(event.target.value)} />
        ) : (
          <input {...shared} className={styles.input} type={type} onChange={(event) => onChange(event.target.value)} />
        )}
      </Box>
    </Field>
  );
}

function Box({ prefix, suffix, error, children }: Pick<TextFieldProps, "prefix" | "suffix" | "error"> & { children: ReactNode }) {
  return (
    <div className={styles.box} data-invalid={hasError(error)}>
      {prefix !== undefined && <span className={styles.affix}>{prefix}</span>}
      {children}
      {suffix !== undefined && <span className={styles.affix}>{suffix}</span>}
    </div>
  );
}

interface NumberFieldProps extends FieldProps, DecimalBounds {
  /** The exact decimal string; empty where nothing is typed. It may hold what is no number yet: check on submit. */
  value: string;
  onChange: (value: string) => void;
  prefix?: ReactNode;
  suffix?: ReactNode;
}

/** An exact decimal number, kept as a string from the keyboard to the API. It is checked when left. */
export function NumberField({ scale, min, max, prefix, suffix, ...field }: NumberFieldProps) {
  const { value, onChange } = field;
  const intl = useIntl();
  const id = useId();
  const [wasLeft, setLeft] = useState(false);
  const problem = wasLeft && value !== "" ? decimalProblem(value, { scale, min, max }) : null;
  const words = { scale: scale ?? 0, min: groupDigits(min ?? ""), max: groupDigits(max ?? "") };
  const error = problem === null ? field.error : intl.formatMessage({ id: `ui.number.${problem}` }, words);
  const leave = () => {
    setLeft(true);
    if (value !== "") onChange(normalizeDecimal(value));
  };
  return (
    <Field id={id} {...field} error={error}>
      <Box prefix={prefix} suffix={suffix} error={error}>
        <input
          {...inputProps(id, { ...field, error })}
          className={classNames(styles.input, styles.number)}
          type="text"
          inputMode={scale === 0 ? "numeric" : "decimal"}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onBlur={leave}
        />
      </Box>
    </Field>
  );
}

interface SearchFieldProps extends Pick<FieldProps, "label" | "isDisabled"> {
  value: string;
  onChange: (value: string) => void;
  /** Runs on Enter. */
  onSubmit?: ((value: string) => void) | undefined;
  placeholder?: string | undefined;
  /** Keeps the label for screen readers only. */
  isLabelHidden?: boolean | undefined;
}

/** A search as you type; Escape clears it. */
export function SearchField(props: SearchFieldProps) {
  const { label, value, onChange, onSubmit, placeholder, isLabelHidden = true, isDisabled = false } = props;
  const intl = useIntl();
  const id = useId();
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing && onSubmit !== undefined) {
      event.preventDefault();
      onSubmit(value);
    } else if (event.key === "Escape" && value !== "") {
      // A dialog around it stays open.
      event.stopPropagation();
      event.preventDefault();
      onChange("");
    }
  };
  return (
    <div className={styles.field}>
      {!isLabelHidden && (
        <label className={styles.label} htmlFor={id}>
          {label}
        </label>
      )}
      <div className={styles.box}>
        <span className={styles.affix}>
          <Icon name="search" />
        </span>
        <input
          className={styles.input}
          id={id}
          type="search"
          enterKeyHint="search"
          aria-label={isLabelHidden ? label : undefined}
          placeholder={placeholder}
          disabled={isDisabled}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKey}
        />
        {value !== "" && (
          <button
            type="button"
            className={styles.inside}
            onClick={() => onChange("")}
            aria-label={intl.formatMessage({ id: "ui.field.clear" })}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
    </div>
  );
}
