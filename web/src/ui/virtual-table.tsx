// A table of any length: only the rows in sight exist, and screen readers are told how many there are.
import { memo, useRef, type ReactNode } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import type { Column } from "./data-table";
import styles from "./data-table.module.css";

export interface VirtualColumn<Row> extends Omit<Column<Row>, "footer" | "isSortable"> {
  /** The width as a grid track: `8rem`, `minmax(10rem, 1fr)`. */
  width: string;
}

interface VirtualTableProps<Row> {
  caption: string;
  columns: readonly VirtualColumn<Row>[];
  /** The rows that are here. */
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** How many there are in all, where more can be read. */
  rowCount?: number | undefined;
  /** Asks for more rows when the last of those here comes near. */
  onEndReached?: (() => void) | undefined;
  /** The height of the region, any CSS length. */
  height?: string | undefined;
  empty?: ReactNode;
}

const ROW_HEIGHT = 38;

export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { caption, columns, rows, rowKey, rowCount, onEndReached, height = "32rem", empty } = props;
  const intl = useIntl();
  const region = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => region.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    onChange: ({ range }) => {
      if (range !== null && range.endIndex >= rows.length - 20 && rows.length < (rowCount ?? 0)) onEndReached?.();
    },
  });
  const tracks = columns.map(({ width }) => width).join(" ");
  return (
    <div ref={region} className={styles.region} style={{ height }} role="group" aria-label={caption} tabIndex={0}>
      <div
        className={styles.virtual}
        role="table"
        aria-label={caption}
        aria-rowcount={(rowCount ?? rows.length) + 1}
        aria-colcount={columns.length}
      >
        <div className={styles.virtualHead} role="rowgroup">
          <div className={styles.virtualRow} style={{ gridTemplateColumns: tracks }} role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <div key={column.key} className={cellClass(column)} role="columnheader">
                {column.header}
              </div>
            ))}
          </div>
        </div>
        <div className={styles.virtualBody} style={{ height: virtualizer.getTotalSize() }} role="rowgroup">
          {virtualizer.getVirtualItems().map(({ index, start, size }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return <Row key={rowKey(row)} row={row} columns={columns} tracks={tracks} index={index} start={start} size={size} />;
          })}
        </div>
      </div>
      {rows.length === 0 && <p className={styles.blank}>{empty ?? intl.formatMessage({ id: "ui.table.empty" })}</p>}
    </div>
  );
}

interface RowProps<Data> {
  row: Data;
  columns: readonly VirtualColumn<Data>[];
  /** The columns' widths as grid tracks. */
  tracks: string;
  index: number;
  /** Pixels from the first row's upper edge, and height in pixels. */
  start: number;
  size: number;
}

/** Scrolling draws the table many times a second; a row that is the same is not drawn again. */
const Row = memo(function Row<Data>({ row, columns, tracks, index, start, size }: RowProps<Data>) {
  const place = { gridTemplateColumns: tracks, height: size, transform: `translateY(${start}px)` };
  return (
    <div className={styles.virtualRow} style={place} role="row" aria-rowindex={index + 2}>
      {columns.map((column) => (
        <div key={column.key} className={cellClass(column)} role={column.isRowHeader === true ? "rowheader" : "cell"}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <Data>(props: RowProps<Data>) => ReactNode;

function cellClass<Row>({ align }: VirtualColumn<Row>): string {
  return classNames(styles.cell, align === "end" && styles.end);
}
