// What every field has: its label, how it is to be filled in, and what is wrong.
import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { useIntl } from "react-intl";
import styles from "./field.module.css";

/** The props that all fields share. */
export interface FieldProps {
  label: string;
  /** How to fill it in, before anything goes wrong. */
  description?: ReactNode;
  /** What is wrong with what was typed; null or absent where nothing is. */
  error?: string | null | undefined;
  isRequired?: boolean | undefined;
  isDisabled?: boolean | undefined;
  name?: string | undefined;
}

/** Gives the props of a react-aria field that follow from ours. */
export function ariaField({ error, isRequired = false, isDisabled = false, name }: FieldProps) {
  return {
    className: styles.field ?? "",
    isInvalid: hasError(error),
    isRequired,
    isDisabled,
    validationBehavior: "aria" as const,
    ...(name === undefined ? {} : { name }),
  };
}

/** Tells whether there is an error to show. */
export function hasError(error: string | null | undefined): error is string {
  return error !== null && error !== undefined && error !== "";
}

/** Shows the label of a react-aria field. */
export function FieldLabel({ label, isRequired }: Pick<FieldProps, "label" | "isRequired">) {
  return (
    <Label className={styles.label ?? ""}>
      {label}
      <RequiredMark isRequired={isRequired} />
    </Label>
  );
}

/** Says in words that a field must be filled in. */
export function RequiredMark({ isRequired }: Pick<FieldProps, "isRequired">) {
  const intl = useIntl();
  if (isRequired !== true) return null;
  return <span className={styles.mark}> · {intl.formatMessage({ id: "ui.field.required" })}</span>;
}

/** Shows description and error under a react-aria field. */
export function FieldNotes({ description, error }: Pick<FieldProps, "description" | "error">) {
  return (
    <>
      {description !== undefined && (
        <Text slot="description" className={styles.description ?? ""}>
          {description}
        </Text>
      )}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </>
  );
}
