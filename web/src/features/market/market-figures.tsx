// The market in four figures; until they are read their places are kept.
import { FormattedMessage, FormattedNumber, useIntl } from "react-intl";
import type { MessageId } from "@/messages";
import styles from "./market-figures.module.css";
import type { Group } from "./tiles";

export function MarketFigures({ groups }: { groups: readonly Group[] | null }) {
  const intl = useIntl();
  const tiles = (groups ?? []).flatMap((group) => group.tiles);
  const figures: [MessageId, number][] = [
    ["store.home.capabilities", tiles.length],
    ["store.home.answered", tiles.filter(({ isAnswered }) => isAnswered).length],
    ["store.home.free", tiles.filter(({ hasFree }) => hasFree).length],
    ["store.home.categories", groups?.length ?? 0],
  ];
  return (
    <ul className={styles.figures} aria-label={intl.formatMessage({ id: "store.home.figures" })} aria-busy={groups === null}>
      {figures.map(([id, count]) => (
        <li key={id} className={styles.figure}>
          <span className={styles.number}>{groups === null ? "\u2007" : <FormattedNumber value={count} />}</span>{" "}
          <span className={styles.label}>
            <FormattedMessage id={id} values={{ count }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
