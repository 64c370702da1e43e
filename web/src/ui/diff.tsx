// What differs between two values, field by field.
import { useIntl } from "react-intl";
import { compareFields, type FieldChange } from "../lib/diff";
import { DataTable, type Column } from "./data-table";
import styles from "./diff.module.css";

interface DiffProps {
  /** What is compared, for screen readers. */
  caption: string;
  before: unknown;
  after: unknown;
  /** Names for paths, in the reader's language; other paths show as they are. */
  labels?: Record<string, string> | undefined;
}

export function Diff({ caption, before, after, labels = {} }: DiffProps) {
  const intl = useIntl();
  const fields = compareFields(before, after);
  const changes = fields.filter((each) => each.before !== each.after);
  const absent = <span className={styles.absent}>{intl.formatMessage({ id: "ui.diff.absent" })}</span>;
  const columns: Column<FieldChange>[] = [
    {
      key: "field",
      header: intl.formatMessage({ id: "ui.diff.field" }),
      isRowHeader: true,
      cell: ({ field }) => labels[field] ?? <code>{field}</code>,
    },
    {
      key: "before",
      header: intl.formatMessage({ id: "ui.diff.before" }),
      cell: (change) => (change.before === null ? absent : <del className={styles.before}>{change.before}</del>),
    },
    {
      key: "after",
      header: intl.formatMessage({ id: "ui.diff.after" }),
      cell: (change) => (change.after === null ? absent : <ins className={styles.after}>{change.after}</ins>),
    },
  ];
  return (
    <>
      <DataTable
        caption={caption}
        columns={columns}
        rows={changes}
        rowKey={({ field }) => field}
        empty={intl.formatMessage({ id: "ui.diff.none" })}
      />
      {changes.length < fields.length && (
        <p className={styles.unchanged}>
          {intl.formatMessage({ id: "ui.diff.unchanged" }, { count: fields.length - changes.length })}
        </p>
      )}
    </>
  );
}
