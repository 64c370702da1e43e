// What a mutation refused: beside the field where it names one, else above the form's buttons.
import { useEffect, useRef } from "react";
import { useIntl } from "react-intl";
import styles from "./form-errors.module.css";
import { Notice } from "./state";

/** A refusal as the API tells it; its interface `UserError`. */
export interface UserErrorLike {
  code: string;
  message: string;
  /** To the input field it is about, outermost first; empty where there is none. */
  path: readonly string[];
}

/** Gives the message for one input field, null where there is none. `path` is dotted: `offers.0.unitPrice`. */
export function fieldError(errors: readonly UserErrorLike[], path: string): string | null {
  return errors.find((error) => fieldPath(error) === path)?.message ?? null;
}

function fieldPath({ path }: UserErrorLike): string {
  return (path[0] === "input" ? path.slice(1) : path).join(".");
}

interface FormErrorsProps {
  errors: readonly UserErrorLike[];
  /** Paths that show their error at their own field, and so not here. */
  shownAtField?: readonly string[] | undefined;
}

/** Lists refusals and takes the focus to them when they come. */
export function FormErrors({ errors, shownAtField = [] }: FormErrorsProps) {
  const intl = useIntl();
  const box = useRef<HTMLDivElement>(null);
  const listed = errors.filter((error) => !shownAtField.includes(fieldPath(error)));
  useEffect(() => {
    if (listed.length > 0) box.current?.focus();
    // Only a new answer moves the focus, not each keystroke after it.
  }, [errors]);
  if (listed.length === 0) return null;
  return (
    <div ref={box} tabIndex={-1}>
      <Notice tone="danger" title={intl.formatMessage({ id: "ui.errors.title" }, { count: listed.length })}>
        <ul className={styles.list}>
          {listed.map((error) => (
            <li key={`${error.code} ${fieldPath(error)}`}>
              {error.message}
              <code className={styles.code}>{error.code}</code>
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
