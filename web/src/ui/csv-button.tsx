// Saves rows as a CSV file. Rows that aren't here yet are read first, page by page, with progress. Where there are none,
// nothing is offered.
import { useEffect, useRef, useState } from "react";
import { useIntl } from "react-intl";
import { toCsv, type CsvColumn } from "../lib/csv";
import { groupDigits } from "../lib/numbers";
import { Button } from "./button";
import type { ButtonSize, ButtonVariant } from "./button-class";
import styles from "./csv-button.module.css";
import { Icon } from "./icons";

/** Rows that are all here, or the way to read them. */
type Source<Row> =
  | { rows: readonly Row[]; fetchAll?: undefined }
  | {
      /** How many rows there are in all; undefined until that is known. */
      total: string | undefined;
      /**
       * Reads all rows and calls `report` after each page, which throws once the reader has cancelled. It throws where
       * the rows can't be read: then nothing is saved.
       */
      fetchAll: (report: (done: number, total: number) => void) => Promise<readonly Row[]>;
    };

type CsvButtonProps<Row> = Source<Row> & {
  /** The name of the file, with `.csv`. */
  filename: string;
  columns: readonly CsvColumn<Row>[];
  label?: string | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
};

type Phase = { kind: "idle" } | { kind: "reading"; done: number; total: number } | { kind: "failed" };

export function CsvButton<Row>(props: CsvButtonProps<Row>) {
  const isEmpty = props.fetchAll === undefined ? props.rows.length === 0 : props.total === "0";
  return isEmpty ? null : <Download {...props} />;
}

function Download<Row>(props: CsvButtonProps<Row>) {
  const { filename, columns, fetchAll, label, variant = "secondary", size = "small" } = props;
  const intl = useIntl();
  const [phase, setPhase] = useState<Phase>({ kind: "idle" });
  const reading = useRef(new AbortController());
  useEffect(() => () => reading.current.abort(), []);
  const download = async () => {
    reading.current = new AbortController();
    const { signal } = reading.current;
    const report = (done: number, total: number) => {
      signal.throwIfAborted();
      setPhase({ kind: "reading", done, total });
    };
    setPhase({ kind: "reading", done: 0, total: 0 });
    try {
      const all = fetchAll === undefined ? props.rows : await fetchAll(report);
      signal.throwIfAborted();
      save(filename, toCsv(columns, all));
      setPhase({ kind: "idle" });
    } catch {
      setPhase({ kind: signal.aborted ? "idle" : "failed" });
    }
  };
  const cancel = () => {
    reading.current.abort();
    setPhase({ kind: "idle" });
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
      {phase.kind === "reading" && phase.total > 0 && (
        <Button variant="quiet" size="small" onPress={cancel}>
          {intl.formatMessage({ id: "ui.cancel" })}
        </Button>
      )}
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
