// Buttons.
import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import { useIntl } from "react-intl";
import { buttonClass, type ButtonSize, type ButtonVariant } from "./button-class";
import styles from "./button.module.css";
import { VisuallyHidden } from "./visually-hidden";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "children" | "style"> {
  children: ReactNode;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** A small drawing before the text. */
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement> | undefined;
}

/** Does something on this page. While it is pending it keeps focus, shows that it works, and can't be pressed again. */
export function Button({ children, variant, size, icon, ...rest }: ButtonProps) {
  const intl = useIntl();
  return (
    <AriaButton {...rest} className={buttonClass(variant, size)}>
      {({ isPending }) => (
        <>
          {isPending ? <span className={styles.spinner} aria-hidden="true" /> : icon}
          {children}
          {isPending && <VisuallyHidden> {intl.formatMessage({ id: "ui.pending" })}</VisuallyHidden>}
        </>
      )}
    </AriaButton>
  );
}
