// FREE against VALUE_ADDED as a bar; the numbers stand beside it.
import { useSay } from "@/lib/say";
import { addDecimals, groupDigits, shareOf } from "@/lib/numbers";
import styles from "./split-bar.module.css";

interface Props {
  free: string;
  valueAdded: string;
  /** The largest sum among the bars that are compared. */
  largest: string;
}

export function SplitBar({ free, valueAdded, largest }: Props) {
  const say = useSay();
  const label = say("usage.explore.split", { free: groupDigits(free), valueAdded: groupDigits(valueAdded) });
  const widths = [shareOf(free, largest), shareOf(addDecimals(free, valueAdded), largest)] as const;
  return (
    <svg className={styles.bar} viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className={styles.track} width="100" height="10" />
      <rect className={styles.valueAdded} width={widths[1] * 100} height="10" />
      <rect className={styles.free} width={widths[0] * 100} height="10" />
    </svg>
  );
}
