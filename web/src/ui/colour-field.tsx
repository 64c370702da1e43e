// A colour as `#rrggbb`: typed, or picked in the system's own picker.
import { useId } from "react";
import { HEX_COLOUR } from "../lib/contrast";
import { Field, hasError, inputProps, type FieldProps } from "./field";
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
  const id = useId();
  return (
    <Field id={id} {...props}>
      <div className={field.box} data-invalid={hasError(error)}>
        <input
          className={styles.pick}
          type="color"
          aria-label={pickLabel}
          value={HEX_COLOUR.test(value) ? value.toLowerCase() : fallback}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.value)}
        />
        <input
          {...inputProps(id, props)}
          className={field.input}
          type="text"
          autoComplete="off"
          placeholder="#rrggbb"
          maxLength={7}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </Field>
  );
}
