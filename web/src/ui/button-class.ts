// What buttons look like, for what must not bring react-aria with it: links that lead on, buttons of the shell.
import styles from "./button.module.css";
import { classNames } from "./class-names";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "small" | "medium" | "large";

/** Gives the class names of a button. */
export function buttonClass(variant: ButtonVariant = "secondary", size: ButtonSize = "medium"): string {
  return classNames(styles.button, styles[variant], size !== "medium" && styles[size]);
}
