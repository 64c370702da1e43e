// A course of values in the space of a word.
import { useIntl } from "react-intl";
import { compareDecimals, groupDigits, shareOf } from "../lib/numbers";
import { classNames } from "./class-names";
import styles from "./spark.module.css";

interface SparkProps {
  /** Exact decimal strings of zero or more, oldest first. */
  values: readonly string[];
  /** What is shown: `Calls of the last 30 days`. */
  label: string;
  tone?: "free" | "valueAdded" | undefined;
}

const WIDTH = 112;
const HEIGHT = 28;

export function Spark({ values, label, tone = "free" }: SparkProps) {
  const intl = useIntl();
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return null;
  const highest = values.reduce((top, value) => (compareDecimals(value, top) > 0 ? value : top), first);
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  const points = values.map((value, index) => `${index * step} ${HEIGHT - 1 - shareOf(value, highest) * (HEIGHT - 2)}`);
  const spoken = intl.formatMessage(
    { id: "ui.spark.spoken" },
    { first: groupDigits(first), last: groupDigits(last), highest: groupDigits(highest) },
  );
  return (
    <svg
      className={classNames(styles.spark, tone === "valueAdded" && styles.valueAdded)}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}. ${spoken}`}
    >
      <path className={styles.area} d={`M${points.join("L")}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path className={styles.line} d={`M${points.join("L")}`} />
    </svg>
  );
}
