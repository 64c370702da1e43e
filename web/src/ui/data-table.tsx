// A table of at most some hundreds of rows. It scrolls inside a box of its own, which the keyboard can reach; the box is
// no landmark, as the section around it often has the same name.
import { useId, type ReactNode } from "react";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import styles from "./data-table.module.css";
import { Icon } from "./icons";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  /** The name of the column in words, where the header is none: for sorting and screen readers. */
  label?: string | undefined;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end, in tabular figures. */
  align?: "start" | "end" | undefined;
  isSortable?: boolean | undefined;
  /** The column that names the row, read out with each of its cells. */
  isRowHeader?: boolean | undefined;
  /** What the last line of the table says in this column: totals. */
  footer?: ReactNode;
}

export interface Sort {
  key: string;
  direction: "ascending" | "descending";
}

export interface DataTableProps<Row> {
  /** What the table shows; it is read out even where `isCaptionHidden`. */
  caption: string;
  isCaptionHidden?: boolean | undefined;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort | undefined;
  onSort?: ((sort: Sort) => void) | undefined;
  /** What shows without rows; an `EmptyState` or a sentence. */
  empty?: ReactNode;
  isLoading?: boolean | undefined;
  /** Keeps the header in sight inside a region of limited height. */
  isTall?: boolean | undefined;
}

/** Shows rows under sticky headers. Link a row by putting a link into its row-header cell. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, isCaptionHidden = true, columns, rows, rowKey, empty, isLoading = false, isTall = false } = props;
  const intl = useIntl();
  const captionId = useId();
  const isEmpty = rows.length === 0;
  return (
    <div
      className={classNames(styles.region, isTall && styles.tall)}
      role="group"
      aria-label={caption}
      aria-busy={isLoading}
      tabIndex={0}
    >
      <table className={styles.table} aria-labelledby={captionId}>
        <caption className={styles.caption} id={captionId} hidden={isCaptionHidden}>
          {caption}
        </caption>
        <Head {...props} />
        <tbody>
          {isEmpty && !isLoading && (
            <tr>
              <td className={styles.message} colSpan={columns.length}>
                {empty ?? intl.formatMessage({ id: "ui.table.empty" })}
              </td>
            </tr>
          )}
          {isEmpty && isLoading && <Bones columns={columns.length} text={intl.formatMessage({ id: "ui.table.loading" })} />}
          {rows.map((row) => (
            <tr key={rowKey(row)} className={styles.row}>
              {columns.map((column) => (
                <Cell key={column.key} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
        {!isEmpty && columns.some((column) => column.footer !== undefined) && (
          <tfoot>
            <tr>
              {columns.map((column) => (
                <td key={column.key} className={column.align === "end" ? styles.end : undefined}>
                  {column.footer}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const className = column.align === "end" ? styles.end : undefined;
  if (column.isRowHeader === true) {
    return (
      <th scope="row" className={className}>
        {column.cell(row)}
      </th>
    );
  }
  return <td className={className}>{column.cell(row)}</td>;
}

function Head<Row>({ columns, sort, onSort }: DataTableProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const direction = sort?.key === column.key ? sort.direction : undefined;
          return (
            <th
              key={column.key}
              scope="col"
              className={column.align === "end" ? styles.end : undefined}
              aria-sort={column.isSortable === true ? (direction ?? "none") : undefined}
            >
              {column.isSortable === true && onSort !== undefined ? (
                <SortButton column={column} direction={direction} onSort={onSort} />
              ) : (
                column.header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface SortButtonProps<Row> {
  column: Column<Row>;
  direction: Sort["direction"] | undefined;
  onSort: (sort: Sort) => void;
}

function SortButton<Row>({ column, direction, onSort }: SortButtonProps<Row>) {
  const intl = useIntl();
  const next = direction === "descending" ? "ascending" : "descending";
  const name = column.label ?? (typeof column.header === "string" ? column.header : column.key);
  return (
    <button
      type="button"
      className={styles.sort}
      title={intl.formatMessage({ id: "ui.table.sortBy" }, { column: name })}
      onClick={() => onSort({ key: column.key, direction: next })}
    >
      {column.header}
      <Icon
        name={direction === "ascending" ? "arrowUp" : "arrowDown"}
        className={classNames(styles.arrow, direction === undefined && styles.idle)}
      />
    </button>
  );
}

function Bones({ columns, text }: { columns: number; text: string }) {
  return Array.from({ length: 4 }, (_, row) => (
    <tr key={row}>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column}>
          <span className={styles.bone} role={row + column === 0 ? "status" : undefined} aria-label={row + column === 0 ? text : undefined} />
        </td>
      ))}
    </tr>
  ));
}
