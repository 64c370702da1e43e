// Views of one thing, one at a time, as the WAI-ARIA Authoring Practices have it: Tab enters and leaves the row, arrow
// keys choose in it. Written here because react-aria's tabs bring its collections, 34 kB, to pages that need nothing
// else of them. For tabs that are pages of their own, use `tabListClass` and `tabClass` on links.
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import styles from "./tabs.module.css";

/** The class names of a row of links that look like tabs; the current one has `aria-current="page"`. */
export const tabListClass = styles.list ?? "";
export const tabClass = styles.tab ?? "";

export interface TabContent {
  id: string;
  label: ReactNode;
  content: ReactNode;
}

interface TabsProps {
  /** What the tabs are views of, for screen readers. */
  label: string;
  /** At least one; the first shows at first. */
  tabs: readonly TabContent[];
}

export function Tabs({ label, tabs }: TabsProps) {
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const onKey = (event: KeyboardEvent) => {
    const next = placeAfter(event.key, chosen, tabs.length);
    if (next === null) return;
    event.preventDefault();
    setChosen(next);
    row.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div>
      <div ref={row} className={styles.list} role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((tab, place) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            className={styles.tab}
            aria-selected={place === chosen}
            aria-controls={place === chosen ? `${id}-panel` : undefined}
            tabIndex={place === chosen ? 0 : -1}
            onClick={() => setChosen(place)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div className={styles.panel} role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tabs[chosen]?.id}`} tabIndex={0}>
        {tabs[chosen]?.content}
      </div>
    </div>
  );
}

/** The place that a key leads to; null where it leads nowhere. */
function placeAfter(key: string, place: number, count: number): number | null {
  if (key === "ArrowRight") return (place + 1) % count;
  if (key === "ArrowLeft") return (place + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
