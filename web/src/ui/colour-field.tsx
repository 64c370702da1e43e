// A colour as `#rrggbb`: typed, or picked in the system's own picker.
import { Input } from "react-aria-components/Input";
import { TextField as AriaTextField } from "react-aria-components/TextField";
import { HEX_COLOUR } from "../lib/contrast";
import { ariaField, FieldLabel, FieldNotes, hasError, type FieldProps } from "./field";
import field from "./field.module.css";
import styles from "./colour-field.module.css";

interface ColourFieldProps extends FieldProps {
  /** Empty where there is none. */
  value: string;
  onChange: (value: string) => void;
  /** The name of the picker. */
  pickLabel: string;
  /** What the picker shows where there is no colour yet. */
  fallback: string;
}

export function ColourField(props: ColourFieldProps) {
  const { value, onChange, pickLabel, fallback, error, isDisabled = false } = props;
  return (
    <AriaTextField {...ariaField(props)} value={value} onChange={onChange} autoComplete="off">
      <FieldLabel {...props} />
      <div className={field.box} data-invalid={hasError(error)}>
        <input
          className={styles.pick}
          type="color"
          aria-label={pickLabel}
          value={HEX_COLOUR.test(value) ? value.toLowerCase() : fallback}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.value)}
        />
        <Input className={field.input ?? ""} placeholder="#rrggbb" maxLength={7} />
      </div>
      <FieldNotes {...props} />
    </AriaTextField>
  );
}
