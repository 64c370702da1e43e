// The shape of the market while it is being read, so that nothing jumps when the numbers come.
import { FormattedMessage } from "react-intl";
import styles from "./loading-market.module.css";

const FIGURES = 4;
const ROWS = 12;

export function LoadingMarket() {
  return (
    <div className={styles.loading} aria-hidden="true">
      <div className={styles.figures}>{blanks(FIGURES, styles.figure)}</div>
      <p className={styles.text}>
        <FormattedMessage id="market.loading" />
      </p>
      <div className={styles.rows}>{blanks(ROWS, styles.row)}</div>
    </div>
  );
}

function blanks(count: number, className: string | undefined) {
  return Array.from({ length: count }, (_, index) => <span key={index} className={className} />);
}
