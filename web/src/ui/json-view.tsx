// Any JSON value as text, with branches to fold. Nothing in it is ever run or linked.
import { useIntl } from "react-intl";
import styles from "./json-view.module.css";

interface JsonViewProps {
  value: unknown;
  /** What it is, for screen readers. */
  label: string;
  /** How many levels are open at first. */
  openLevels?: number | undefined;
}

export function JsonView({ value, label, openLevels = 2 }: JsonViewProps) {
  return (
    <div className={styles.view} role="region" aria-label={label} tabIndex={0} translate="no">
      <Node value={value} openLevels={openLevels} />
    </div>
  );
}

interface NodeProps {
  name?: string | undefined;
  value: unknown;
  openLevels: number;
}

function Node({ name, value, openLevels }: NodeProps) {
  const intl = useIntl();
  if (typeof value !== "object" || value === null) return <Leaf name={name} value={value} />;
  const entries = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return <Leaf name={name} value={value} />;
  return (
    <details open={openLevels > 0}>
      <summary className={styles.summary}>
        <Name name={name} />
        {open}
        {close} <span className={styles.count}>{intl.formatMessage({ id: "ui.json.entries" }, { count: entries.length })}</span>
      </summary>
      <div className={styles.branch}>
        {entries.map(([key, each]) => (
          <Node key={key} name={key} value={each} openLevels={openLevels - 1} />
        ))}
      </div>
    </details>
  );
}

function Leaf({ name, value }: { name: string | undefined; value: unknown }) {
  return (
    <div className={styles.leaf}>
      <Name name={name} />
      <span className={typeof value === "string" ? styles.string : styles.other}>{JSON.stringify(value) ?? "null"}</span>
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span className={styles.key}>{name}: </span>;
}
