// The motif: one stick, notched, then split lengthwise. Both halves carry the same notches.
import { FormattedMessage, useIntl } from "react-intl";
import styles from "./split-stick.module.css";

const THIN = [52, 76, 100, 124, 148, 172];
const BROAD = [216, 256, 296, 336];
const GRAIN = ["M24 32C140 24 230 42 330 33S480 28 536 35", "M18 56C120 64 240 48 350 58S470 60 534 54"];

export function SplitStick() {
  const intl = useIntl();
  return (
    <figure className={styles.figure}>
      <p className={styles.half} aria-hidden="true">
        <FormattedMessage id="hero.seller" />
      </p>
      <svg
        className={styles.stick}
        viewBox="0 0 560 190"
        role="img"
        aria-label={intl.formatMessage({ id: "hero.stick" })}
      >
        <g className={styles.upper}>
          <path
            className={styles.wood}
            d="M12 12C60 6 400 8 496 10c38 0 54 12 54 36s-12 42-34 41C420 83 200 90 9 86 4 64 5 34 12 12Z"
          />
          <path className={styles.grain} d={GRAIN.join("")} />
          <path className={styles.free} d={notches(THIN, 3.5, 86.5, 34)} />
          <path className={styles.valueAdded} d={notches(BROAD, 11, 86, 28)} />
        </g>
        <g className={styles.lower}>
          <path
            className={styles.wood}
            d="M9 102C200 106 340 98 402 101c4 20 3 52-3 74-70 5-300 5-386 1C5 154 4 124 9 102Z"
          />
          <path className={styles.grain} d="M20 126c100 8 190-6 372 2M16 152c120-8 220 6 378-3" />
          <path className={styles.free} d={notches(THIN, 3.5, 102.5, 154)} />
          <path className={styles.valueAdded} d={notches(BROAD, 11, 102.5, 160)} />
        </g>
      </svg>
      <p className={styles.half} aria-hidden="true">
        <FormattedMessage id="hero.buyer" />
      </p>
      <p className={styles.legend} aria-hidden="true">
        <span className={styles.keyFree} />
        <FormattedMessage id="class.free" />
        <span className={styles.keyValueAdded} />
        <FormattedMessage id="class.valueAdded" />
      </p>
      <figcaption className={styles.caption}>
        <FormattedMessage id="hero.caption" />
      </figcaption>
    </figure>
  );
}

/** Wedges that are open at the split edge `base` and end in a point at `tip`. */
function notches(columns: number[], halfWidth: number, base: number, tip: number): string {
  return columns.map((x) => `M${x - halfWidth} ${base}L${x} ${tip}L${x + halfWidth} ${base}Z`).join("");
}
