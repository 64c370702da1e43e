// One capability on the map of the market. Its level shows three times: notches in the upper edge, depth of colour, words.
import type { ReactElement, ReactNode } from "react";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import styles from "./market-tile.module.css";

/** How richly a capability is offered: 0 not at all, 4 most. */
export type MarketLevel = 0 | 1 | 2 | 3 | 4;

/** Gives the level for a count of listings: 0, 1, 2–3, 4–7, 8 or more. */
export function marketLevel(listingCount: number): MarketLevel {
  if (listingCount < 1) return 0;
  if (listingCount < 2) return 1;
  if (listingCount < 4) return 2;
  return listingCount < 8 ? 3 : 4;
}

/** Tiles side by side. */
export function MarketGrid({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={styles.grid} aria-label={label}>
      {children}
    </ul>
  );
}

interface MarketTileProps {
  name: string;
  listingCount: number;
  /** What more there is to say in few words: the lowest price, that some use is free. */
  note?: ReactNode;
  /** Makes the tile a link: puts the content into a link with the class name. */
  link?: ((className: string, content: ReactNode) => ReactElement) | undefined;
}

/** One cell of a `MarketGrid`. */
export function MarketTile({ name, listingCount, note, link }: MarketTileProps) {
  const intl = useIntl();
  const level = marketLevel(listingCount);
  const className = classNames(styles.tile, styles[`level${level}`]);
  const text = intl.formatMessage({ id: level === 0 ? "ui.tile.level.0" : "ui.tile.level.1" }, { count: listingCount });
  const content = (
    <>
      <span className={styles.notches} aria-hidden="true">
        {Array.from({ length: level }, (_, index) => (
          <span key={index} className={styles.notch} />
        ))}
      </span>
      <span className={styles.name}>{name}</span>
      <span className={styles.text}>
        {text}
        {note !== undefined && <> · {note}</>}
      </span>
    </>
  );
  return <li className={styles.place}>{link === undefined ? <div className={className}>{content}</div> : link(className, content)}</li>;
}
