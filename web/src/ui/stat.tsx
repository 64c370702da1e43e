// Figures at a glance.
import type { ReactNode } from "react";
import styles from "./stat.module.css";

/** Figures side by side, as a `dl`. */
export function StatRow({ children }: { children: ReactNode }) {
  return <dl className={styles.row}>{children}</dl>;
}

interface StatProps {
  label: ReactNode;
  value: ReactNode;
  /** What the figure counts, its period, or a link to its lines. */
  note?: ReactNode;
}

/** One figure of a `StatRow`. */
export function Stat({ label, value, note }: StatProps) {
  return (
    <div className={styles.stat}>
      <dt className={styles.label}>{label}</dt>
      <dd className={styles.value}>{value}</dd>
      {note !== undefined && <dd className={styles.note}>{note}</dd>}
    </div>
  );
}
