// The market in four figures.
import { FormattedMessage, FormattedNumber, useIntl } from "react-intl";
import type { MessageId } from "../../messages/en";
import styles from "./figures.module.css";
import type { Market } from "./market";

export function Figures({ market }: { market: Market }) {
  const intl = useIntl();
  const figures: [MessageId, number][] = [
    ["figures.capabilities", market.capabilityCount],
    ["figures.answered", market.answeredCount],
    ["figures.categories", market.categories.length],
    ["figures.listings", market.listingCount],
  ];
  return (
    <ul className={styles.figures} aria-label={intl.formatMessage({ id: "figures.label" })}>
      {figures.map(([id, count]) => (
        <li key={id} className={styles.figure}>
          <span className={styles.number}>
            <FormattedNumber value={count} />
          </span>{" "}
          <span className={styles.label}>
            <FormattedMessage id={id} values={{ count }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
