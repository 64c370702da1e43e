// Saves rows as a CSV file. Rows that aren't here yet are read first, page by page, with progress.
import { useState } from "react";
import { useIntl } from "react-intl";
import { toCsv, type CsvColumn } from "../lib/csv";
import { groupDigits } from "../lib/numbers";
import { Button, type ButtonSize, type ButtonVariant } from "./button";
import styles from "./csv-button.module.css";
import { Icon } from "./icons";

interface CsvButtonProps<Row> {
  /** The name of the file, with `.csv`. */
  filename: string;
  columns: readonly CsvColumn<Row>[];
  /** The rows, where all of them are here. */
  rows?: readonly Row[] | undefined;
  /** Reads all rows; calls `report` after each page. It throws where they can't be read: then nothing is saved. */
  fetchAll?: ((report: (done: number, total: number) => void) => Promise<readonly Row[]>) | undefined;
  label?: string | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
}

type Phase = { kind: "idle" } | { kind: "reading"; done: number; total: number } | { kind: "failed" };

export function CsvButton<Row>(props: CsvButtonProps<Row>) {
  const { filename, columns, rows = [], fetchAll, label, variant = "secondary", size = "small" } = props;
  const intl = useIntl();
  const [phase, setPhase] = useState<Phase>({ kind: "idle" });
  const download = async () => {
    setPhase({ kind: "reading", done: 0, total: 0 });
    try {
      const all = fetchAll === undefined ? rows : await fetchAll((done, total) => setPhase({ kind: "reading", done, total }));
      save(filename, toCsv(columns, all));
      setPhase({ kind: "idle" });
    } catch {
      setPhase({ kind: "failed" });
    }
  };
  return (
    <span className={styles.csv}>
      <Button
        variant={variant}
        size={size}
        icon={<Icon name="download" />}
        isPending={phase.kind === "reading"}
        onPress={download}
      >
        {label ?? intl.formatMessage({ id: "ui.csv" })}
      </Button>
      <span className={styles.phase} role="status">
        {phase.kind === "reading" &&
          phase.total > 0 &&
          intl.formatMessage(
            { id: "ui.csv.progress" },
            { done: groupDigits(String(phase.done)), total: groupDigits(String(phase.total)) },
          )}
        {phase.kind === "failed" && intl.formatMessage({ id: "ui.csv.failed" })}
      </span>
    </span>
  );
}

function save(filename: string, csv: string): void {
  // The byte-order mark tells spreadsheets that the text is UTF-8; without it Chinese turns to noise.
  const url = URL.createObjectURL(new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
