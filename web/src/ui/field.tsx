// What every field has: its label, how it is to be filled in, and what is wrong.
import type { ReactNode } from "react";
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

/** Tells whether there is an error to show. */
export function hasError(error: string | null | undefined): error is string {
  return error !== null && error !== undefined && error !== "";
}

/** Gives the attributes of a field's input that follow from ours; `id` is the input's, and names its notes. */
export function inputProps(id: string, { description, error, isRequired = false, isDisabled = false, name }: FieldProps) {
  const notes = [description !== undefined && `${id}-description`, hasError(error) && `${id}-error`].filter(Boolean);
  return {
    id,
    name,
    disabled: isDisabled,
    "aria-required": isRequired || undefined,
    "aria-invalid": hasError(error) || undefined,
    "aria-describedby": notes.length === 0 ? undefined : notes.join(" "),
  };
}

/** A field: its label, then what is typed or chosen in, then its notes. */
export function Field({ id, children, ...field }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {field.label}
        <RequiredMark isRequired={field.isRequired} />
      </label>
      {children}
      <FieldNotes id={id} {...field} />
    </div>
  );
}

/** Says in words that a field must be filled in. */
export function RequiredMark({ isRequired }: Pick<FieldProps, "isRequired">) {
  const intl = useIntl();
  if (isRequired !== true) return null;
  return <span className={styles.mark}> · {intl.formatMessage({ id: "ui.field.required" })}</span>;
}

/** Shows description and error under a field. */
export function FieldNotes({ id, description, error }: Pick<FieldProps, "description" | "error"> & { id: string }) {
  return (
    <>
      {description !== undefined && (
        <span className={styles.description} id={`${id}-description`}>
          {description}
        </span>
      )}
      {hasError(error) && (
        <span className={styles.error} id={`${id}-error`}>
          {error}
        </span>
      )}
    </>
  );
}
