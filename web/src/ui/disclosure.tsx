// Shows more when asked: the browser's own `details`, which finds text in closed parts too.
import type { ReactNode } from "react";
import styles from "./disclosure.module.css";
import { Icon } from "./icons";

interface DisclosureProps {
  title: ReactNode;
  /** A word at the end of the line: a count, a sum. */
  note?: ReactNode;
  isOpen?: boolean | undefined;
  onToggle?: ((isOpen: boolean) => void) | undefined;
  children: ReactNode;
}

export function Disclosure({ title, note, isOpen = false, onToggle, children }: DisclosureProps) {
  return (
    <details className={styles.disclosure} open={isOpen} onToggle={(event) => onToggle?.(event.currentTarget.open)}>
      <summary className={styles.summary}>
        <Icon name="chevronRight" className={styles.chevron} />
        {title}
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
