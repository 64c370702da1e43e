// Fields to type into: a line, several lines, an exact number, a search.
import { useState, type ReactNode } from "react";
import { Input } from "react-aria-components/Input";
import { SearchField as AriaSearchField } from "react-aria-components/SearchField";
import { TextArea } from "react-aria-components/TextArea";
import { TextField as AriaTextField } from "react-aria-components/TextField";
import { useIntl } from "react-intl";
import { decimalProblem, groupDigits, normalizeDecimal, type DecimalBounds } from "../lib/numbers";
import { classNames } from "./class-names";
import { ariaField, FieldLabel, FieldNotes, hasError, type FieldProps } from "./field";
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
  const { value, onChange, onBlur, type = "text", autoComplete, maxLength, autoFocus = false } = props;
  return (
    <AriaTextField
      {...ariaField(props)}
      type={type}
      value={value}
      onChange={onChange}
      autoFocus={autoFocus}
      {...(onBlur === undefined ? {} : { onBlur })}
      {...(autoComplete === undefined ? {} : { autoComplete })}
      {...(maxLength === undefined ? {} : { maxLength })}
    >
      <FieldLabel {...props} />
      <TextBox {...props} />
      <FieldNotes {...props} />
    </AriaTextField>
  );
}

function TextBox({ isMultiline = false, rows = 4, placeholder, prefix, suffix, error, lang }: TextFieldProps) {
  const hints = { ...(placeholder === undefined ? {} : { placeholder }), ...(lang === undefined ? {} : { lang }) };
  return (
    <div className={styles.box} data-invalid={hasError(error)}>
      {prefix !== undefined && <span className={styles.affix}>{prefix}</span>}
      {isMultiline ? (
        <TextArea className={classNames(styles.input, styles.area)} rows={rows} {...hints} />
      ) : (
        <Input className={styles.input ?? ""} {...hints} />
      )}
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
  const [wasLeft, setLeft] = useState(false);
  const problem = wasLeft && value !== "" ? decimalProblem(value, { scale, min, max }) : null;
  const words = { scale: scale ?? 0, min: groupDigits(min ?? ""), max: groupDigits(max ?? "") };
  const error = problem === null ? field.error : intl.formatMessage({ id: `ui.number.${problem}` }, words);
  const leave = () => {
    setLeft(true);
    if (value !== "") onChange(normalizeDecimal(value));
  };
  return (
    <AriaTextField
      {...ariaField({ ...field, error })}
      value={value}
      onChange={onChange}
      onBlur={leave}
      inputMode={scale === 0 ? "numeric" : "decimal"}
      autoComplete="off"
    >
      <FieldLabel {...field} />
      <div className={styles.box} data-invalid={hasError(error)}>
        {prefix !== undefined && <span className={styles.affix}>{prefix}</span>}
        <Input className={classNames(styles.input, styles.number)} />
        {suffix !== undefined && <span className={styles.affix}>{suffix}</span>}
      </div>
      <FieldNotes description={field.description} error={error} />
    </AriaTextField>
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
  return (
    <AriaSearchField
      className={styles.field ?? ""}
      value={value}
      onChange={onChange}
      isDisabled={isDisabled}
      {...(onSubmit === undefined ? {} : { onSubmit })}
      {...(isLabelHidden ? { "aria-label": label } : {})}
    >
      {!isLabelHidden && <FieldLabel label={label} />}
      <div className={styles.box}>
        <span className={styles.affix}>
          <Icon name="search" />
        </span>
        <Input className={styles.input ?? ""} {...(placeholder === undefined ? {} : { placeholder })} />
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
    </AriaSearchField>
  );
}
