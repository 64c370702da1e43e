// Copies a text. Where the clipboard is out of reach (plain HTTP on a network address), the source gets selected instead.
import { useRef, useState, type RefObject } from "react";
import { useIntl } from "react-intl";
import { Button } from "./button";
import type { ButtonSize, ButtonVariant } from "./button-class";
import { Icon } from "./icons";
import styles from "./copy-button.module.css";

interface CopyButtonProps {
  text: string;
  /** What is copied, for screen readers: `Copy key prefix`. */
  label?: string | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** What to select where the clipboard is refused; by default the text shows beside the button. */
  source?: RefObject<HTMLElement | null> | undefined;
}

type Outcome = "none" | "copied" | "select";

export function CopyButton({ text, label, variant = "secondary", size = "small", source }: CopyButtonProps) {
  const intl = useIntl();
  const fallback = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<Outcome>("none");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("select");
      requestAnimationFrame(() => select(source?.current ?? fallback.current));
    }
  };
  return (
    <span className={styles.copy}>
      <Button
        variant={variant}
        size={size}
        icon={<Icon name={outcome === "copied" ? "check" : "copy"} />}
        onPress={copy}
        {...(label === undefined ? {} : { "aria-label": label })}
      >
        {intl.formatMessage({ id: "ui.copy" })}
      </Button>
      {outcome === "select" && source === undefined && (
        <code ref={fallback} className={styles.text} translate="no">
          {text}
        </code>
      )}
      <span className={styles.outcome} role="status">
        {outcome === "copied" && intl.formatMessage({ id: "ui.copied" })}
        {outcome === "select" && intl.formatMessage({ id: "ui.copy.select" })}
      </span>
    </span>
  );
}

function select(element: HTMLElement | null): void {
  if (element !== null) window.getSelection()?.selectAllChildren(element);
}
