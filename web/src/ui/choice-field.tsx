// Fields to choose in: one of a list, several, yes or no.
import { useId, type ReactNode } from "react";
import { Checkbox } from "react-aria-components/Checkbox";
import { CheckboxGroup } from "react-aria-components/CheckboxGroup";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import { Switch } from "react-aria-components/Switch";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import { ariaField, FieldLabel, FieldNotes, hasError, RequiredMark, type FieldProps } from "./field";
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
  const { label, description, error, isRequired = false, isDisabled = false, name, value, onChange, choices } = props;
  const intl = useIntl();
  const id = useId();
  const isInvalid = hasError(error);
  const notes = [description !== undefined && `${id}-description`, isInvalid && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
        <RequiredMark isRequired={isRequired} />
      </label>
      <div className={styles.box} data-invalid={isInvalid}>
        <select
          className={classNames(styles.input, styles.select)}
          id={id}
          name={name}
          value={value}
          disabled={isDisabled}
          required={isRequired}
          aria-invalid={isInvalid || undefined}
          aria-describedby={notes === "" ? undefined : notes}
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
      {description !== undefined && (
        <span className={styles.description} id={`${id}-description`}>
          {description}
        </span>
      )}
      {isInvalid && (
        <span className={styles.error} id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
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
  return (
    <RadioGroup
      {...ariaField(props)}
      value={value === "" ? null : value}
      onChange={(next) => {
        const chosen = choices.find((choice) => choice.value === next);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      <FieldLabel {...props} />
      <div className={styles.choices}>
        {choices.map((choice) => (
          <Radio key={choice.value} className={styles.choice ?? ""} value={choice.value} isDisabled={choice.isDisabled ?? false}>
            <span className={classNames(styles.tick, styles.round)} aria-hidden="true" />
            <ChoiceText label={choice.label} description={choice.description} />
          </Radio>
        ))}
      </div>
      <FieldNotes {...props} />
    </RadioGroup>
  );
}

interface CheckboxesFieldProps<Value extends string> extends FieldProps {
  values: readonly Value[];
  onChange: (values: Value[]) => void;
  choices: readonly Choice<Value>[];
}

/** Several of a few, all of them in sight. */
export function CheckboxesField<Value extends string>(props: CheckboxesFieldProps<Value>) {
  const { values, onChange, choices } = props;
  return (
    <CheckboxGroup
      {...ariaField(props)}
      value={[...values]}
      onChange={(next) => onChange(choices.map(({ value }) => value).filter((value) => next.includes(value)))}
    >
      <FieldLabel {...props} />
      <div className={styles.choices}>
        {choices.map((choice) => (
          <Checkbox key={choice.value} className={styles.choice ?? ""} value={choice.value} isDisabled={choice.isDisabled ?? false}>
            <Tick />
            <ChoiceText label={choice.label} description={choice.description} />
          </Checkbox>
        ))}
      </div>
      <FieldNotes {...props} />
    </CheckboxGroup>
  );
}

interface ToggleFieldProps extends Omit<FieldProps, "isRequired" | "error"> {
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
  error?: string | null | undefined;
}

/** Yes or no, taken over when the form is sent. */
export function CheckboxField({ label, description, error, isDisabled = false, name, isSelected, onChange }: ToggleFieldProps) {
  const errorId = useId();
  const isInvalid = hasError(error);
  return (
    <div className={styles.field}>
      <Checkbox
        className={styles.choice ?? ""}
        isSelected={isSelected}
        onChange={onChange}
        isDisabled={isDisabled}
        isInvalid={isInvalid}
        {...(isInvalid ? { "aria-describedby": errorId } : {})}
        {...(name === undefined ? {} : { name })}
      >
        <Tick />
        <ChoiceText label={label} description={description} />
      </Checkbox>
      {isInvalid && (
        <span className={styles.error} id={errorId}>
          {error}
        </span>
      )}
    </div>
  );
}

/** On or off, taking effect at once. */
export function SwitchField({ label, description, isDisabled = false, name, isSelected, onChange }: ToggleFieldProps) {
  return (
    <Switch
      className={styles.choice ?? ""}
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      {...(name === undefined ? {} : { name })}
    >
      <span className={styles.switch} aria-hidden="true" />
      <ChoiceText label={label} description={description} />
    </Switch>
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
