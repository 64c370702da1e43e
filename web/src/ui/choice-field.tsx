// Fields to choose in: one of a list, several, yes or no.
import { useId, type ReactNode } from "react";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import { Field, FieldNotes, hasError, inputProps, RequiredMark, type FieldProps } from "./field";
import styles from "./field.module.css";
import { Icon } from "./icons";

export interface Choice<Value extends string = string> {
  value: Value;
  label: string;
  /** A sentence under the label; a drop-down list doesn't show it. */
  description?: ReactNode;
  isDisabled?: boolean | undefined;
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  /** Empty where nothing is chosen yet. */
  value: Value | "";
  onChange: (value: Value) => void;
  choices: readonly Choice<Value>[];
  /** What stands for no choice; by default `Choose…`. */
  placeholder?: string | undefined;
}

/** One of a list, in the system's own drop-down list, which phones and keyboards know best. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { error, isRequired = false, value, onChange, choices } = props;
  const intl = useIntl();
  const id = useId();
  return (
    <Field id={id} {...props}>
      <div className={styles.box} data-invalid={hasError(error)}>
        <select
          {...inputProps(id, props)}
          className={classNames(styles.input, styles.select)}
          required={isRequired}
          value={value}
          onChange={(event) => {
            const chosen = choices.find((choice) => choice.value === event.target.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {value === "" && <option value="">{props.placeholder ?? intl.formatMessage({ id: "ui.field.choose" })}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} disabled={choice.isDisabled}>
              {choice.label}
            </option>
          ))}
        </select>
        <Icon name="chevronDown" className={styles.chevron} />
      </div>
    </Field>
  );
}

interface RadioFieldProps<Value extends string> extends FieldProps {
  value: Value | "";
  onChange: (value: Value) => void;
  choices: readonly Choice<Value>[];
}

/** One of a few, all of them in sight. */
export function RadioField<Value extends string>(props: RadioFieldProps<Value>) {
  const { value, onChange, choices } = props;
  const name = useId();
  return (
    <Group role="radiogroup" {...props}>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input
            className={styles.native}
            type="radio"
            name={props.name ?? name}
            value={choice.value}
            checked={choice.value === value}
            disabled={props.isDisabled === true || choice.isDisabled}
            onChange={() => onChange(choice.value)}
          />
          <span className={classNames(styles.tick, styles.round)} aria-hidden="true" />
          <ChoiceText label={choice.label} description={choice.description} />
        </label>
      ))}
    </Group>
  );
}

/** Several inputs under one label. */
function Group({ role, children, ...field }: FieldProps & { role: "radiogroup" | "group"; children: ReactNode }) {
  const id = useId();
  const { "aria-required": required, "aria-invalid": invalid, "aria-describedby": notes } = inputProps(id, field);
  return (
    <div
      className={styles.field}
      role={role}
      aria-labelledby={id}
      aria-describedby={notes}
      {...(role === "radiogroup" ? { "aria-required": required, "aria-invalid": invalid } : {})}
    >
      <span className={styles.label} id={id}>
        {field.label}
        <RequiredMark isRequired={field.isRequired} />
      </span>
      <div className={styles.choices}>{children}</div>
      <FieldNotes id={id} {...field} />
    </div>
  );
}

interface CheckboxesFieldProps<Value extends string> extends FieldProps {
  values: readonly Value[];
  onChange: (values: Value[]) => void;
  choices: readonly Choice<Value>[];
}

/** Several of a few, all of them in sight. */
export function CheckboxesField<Value extends string>(props: CheckboxesFieldProps<Value>) {
  const { values, onChange, choices, isDisabled = false, error, name } = props;
  /** In the order of the choices, whatever the order of the ticks. */
  const toggle = (toggled: Value) =>
    onChange(choices.map(({ value }) => value).filter((value) => values.includes(value) !== (value === toggled)));
  return (
    <Group role="group" {...props}>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input
            className={styles.native}
            type="checkbox"
            name={name}
            value={choice.value}
            checked={values.includes(choice.value)}
            disabled={isDisabled || choice.isDisabled}
            aria-invalid={hasError(error) || undefined}
            onChange={() => toggle(choice.value)}
          />
          <Tick />
          <ChoiceText label={choice.label} description={choice.description} />
        </label>
      ))}
    </Group>
  );
}

interface ToggleFieldProps extends Omit<FieldProps, "isRequired" | "error"> {
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
  error?: string | null | undefined;
}

/** Yes or no, taken over when the form is sent. */
export function CheckboxField({ label, description, error, isDisabled = false, name, isSelected, onChange }: ToggleFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.choice}>
        <input
          {...inputProps(id, { label, error, isDisabled, name })}
          className={styles.native}
          type="checkbox"
          checked={isSelected}
          onChange={(event) => onChange(event.target.checked)}
        />
        <Tick />
        <ChoiceText label={label} description={description} />
      </label>
      <FieldNotes id={id} error={error} />
    </div>
  );
}

/** On or off, taking effect at once. */
export function SwitchField({ label, description, isDisabled = false, name, isSelected, onChange }: ToggleFieldProps) {
  return (
    <label className={styles.choice}>
      <input
        className={styles.native}
        type="checkbox"
        role="switch"
        name={name}
        checked={isSelected}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={styles.switch} aria-hidden="true" />
      <ChoiceText label={label} description={description} />
    </label>
  );
}

function Tick() {
  return (
    <span className={styles.tick} aria-hidden="true">
      <Icon name="check" />
    </span>
  );
}

function ChoiceText({ label, description }: { label: string; description?: ReactNode }) {
  return (
    <span>
      {label}
      {description !== undefined && (
        <>
          <br />
          <span className={styles.description}>{description}</span>
        </>
      )}
    </span>
  );
}
