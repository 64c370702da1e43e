// Buttons.
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import { buttonClass, type ButtonSize, type ButtonVariant } from "./button-class";
import styles from "./button.module.css";
import { VisuallyHidden } from "./visually-hidden";

export interface ButtonProps {
  children: ReactNode;
  onPress?: (() => void) | undefined;
  type?: "button" | "submit" | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** A small drawing before the text. */
  icon?: ReactNode;
  isDisabled?: boolean | undefined;
  isPending?: boolean | undefined;
  "aria-label"?: string | undefined;
  "aria-expanded"?: boolean | undefined;
}

/** Does something on this page. While it is pending it keeps focus, shows that it works, and can't be pressed again. */
export function Button(props: ButtonProps) {
  const { children, onPress, type = "button", variant, size, icon, isDisabled = false, isPending = false } = props;
  const intl = useIntl();
  return (
    <button
      // A form is not sent twice, not by Enter either.
      type={isPending ? "button" : type}
      className={buttonClass(variant, size)}
      disabled={isDisabled}
      aria-disabled={isPending || undefined}
      aria-label={props["aria-label"]}
      aria-expanded={props["aria-expanded"]}
      data-pending={isPending || undefined}
      onClick={(event) => {
        // Not every browser gives the focus to a button that is clicked, and a dialog gives it back to where it was.
        // Enter in a form's field is a click too, of no pointer: the focus stays in the field.
        if (event.detail > 0) event.currentTarget.focus();
        if (!isPending) onPress?.();
      }}
    >
      {isPending ? <span className={styles.spinner} aria-hidden="true" /> : icon}
      {children}
      {isPending && <VisuallyHidden> {intl.formatMessage({ id: "ui.pending" })}</VisuallyHidden>}
    </button>
  );
}
