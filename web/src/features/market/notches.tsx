// One stick per category: as long as it has capabilities, a deep notch for each that can be called.
// It only repeats the two numbers printed beside it, so screen readers pass over it.
import styles from "./notches.module.css";

const PITCH = 12;
const HEIGHT = 20;

interface Props {
  total: number;
  cut: number;
  /** Capabilities of the longest stick: all sticks are drawn to its scale. */
  longest: number;
}

export function Notches({ total, cut, longest }: Props) {
  return (
    <svg className={styles.sticks} viewBox={`0 0 ${longest * PITCH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      <rect className={styles.wood} x="0.5" y="3.5" width={Math.max(total * PITCH - 1, 0)} height={HEIGHT - 7} rx="2" />
      <path className={styles.uncut} d={marks(cut, total, 11.5, 16.5)} />
      <path className={styles.cut} d={marks(0, cut, 0.5, 16.5)} />
    </svg>
  );
}

/** A path of vertical marks for the notches `from` (inclusive) to `to` (exclusive). */
function marks(from: number, to: number, top: number, bottom: number): string {
  const columns = Array.from({ length: Math.max(to - from, 0) }, (_, index) => (from + index + 0.5) * PITCH);
  return columns.map((x) => `M${x} ${top}V${bottom}`).join("");
}
