// All capabilities of the catalog as small cells by category: how deep a cell is tells how many listings answer it,
// its notch whether some use is free (thin) or all of it is charged (broad).
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { classNames } from "@/ui/class-names";
import { marketLevel } from "@/ui/market-tile";
import styles from "./small-map.module.css";
import { TileNote } from "./tile-note";
import type { Group, Tile } from "./tiles";

export function SmallMap({ groups }: { groups: readonly Group[] }) {
  return (
    <>
      <Legend />
      <ul className={styles.groups}>
        {groups.map((group) => (
          <GroupCells key={group.category.slug} group={group} />
        ))}
      </ul>
    </>
  );
}

function GroupCells({ group: { category, tiles } }: { group: Group }) {
  const [shown, setShown] = useState<Tile | null>(null);
  const counts = { answered: Number(category.answeredCount), total: Number(category.capabilityCount) };
  return (
    <li className={styles.group}>
      <h3 className={styles.title}>
        <Link to="/capabilities" search={{ category: category.slug }}>
          {category.name}
        </Link>
      </h3>
      <div className={styles.cells} onPointerLeave={() => setShown(null)} onBlur={() => setShown(null)}>
        {tiles.map((tile) => (
          <Cell key={tile.slug} tile={tile} onShow={setShown} />
        ))}
      </div>
      <p className={styles.line} aria-hidden={shown !== null}>
        {shown === null ? (
          <FormattedMessage id="store.map.count" values={counts} />
        ) : (
          <>
            <b>{shown.name}</b> <Standing tile={shown} />
          </>
        )}
      </p>
    </li>
  );
}

function Cell({ tile, onShow }: { tile: Tile; onShow: (tile: Tile) => void }) {
  const intl = useIntl();
  const level = tile.isAnswered ? marketLevel(Number(tile.listingCount)) : 0;
  const words = intl.formatMessage({ id: level === 0 ? "ui.tile.level.0" : "ui.tile.level.1" }, { count: Number(tile.listingCount) });
  return (
    <Link
      to="/capabilities/$slug"
      params={{ slug: tile.slug }}
      preload={false}
      className={classNames(styles.cell, styles[`level${level}`])}
      aria-label={`${tile.name}, ${words}`}
      onPointerEnter={() => onShow(tile)}
      onFocus={() => onShow(tile)}
    >
      {level > 0 && <span className={tile.hasFree ? styles.free : styles.charged} aria-hidden="true" />}
    </Link>
  );
}

function Standing({ tile }: { tile: Tile }) {
  if (!tile.isAnswered) return <FormattedMessage id="ui.tile.level.0" />;
  return (
    <>
      <FormattedMessage id="ui.tile.level.1" values={{ count: Number(tile.listingCount) }} /> · <TileNote tile={tile} />
    </>
  );
}

function Legend() {
  return (
    <ul className={styles.legend}>
      {([0, 1, 2, 4] as const).map((level) => (
        <li key={level}>
          <span className={classNames(styles.key, styles[`level${level}`])} aria-hidden="true" />
          <FormattedMessage id={`store.map.level.${level}`} />
        </li>
      ))}
      <li>
        <span className={classNames(styles.key, styles.level1)} aria-hidden="true">
          <span className={styles.free} />
        </span>
        <FormattedMessage id="store.map.notch.free" />
      </li>
      <li>
        <span className={classNames(styles.key, styles.level1)} aria-hidden="true">
          <span className={styles.charged} />
        </span>
        <FormattedMessage id="store.map.notch.charged" />
      </li>
    </ul>
  );
}
