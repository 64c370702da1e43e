// A table of any length: only the rows in sight exist, and screen readers are told how many there are.
import { useRef, type ReactNode } from "react";
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
  const tracks = { gridTemplateColumns: columns.map(({ width }) => width).join(" ") };
  return (
    <div ref={region} className={styles.region} style={{ height }} role="region" aria-label={caption} tabIndex={0}>
      <div
        className={styles.virtual}
        role="table"
        aria-label={caption}
        aria-rowcount={(rowCount ?? rows.length) + 1}
        aria-colcount={columns.length}
      >
        <div className={styles.virtualHead} role="rowgroup">
          <div className={styles.virtualRow} style={tracks} role="row" aria-rowindex={1}>
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
            const place = { ...tracks, height: size, transform: `translateY(${start}px)` };
            return (
              <div key={rowKey(row)} className={styles.virtualRow} style={place} role="row" aria-rowindex={index + 2}>
                {columns.map((column) => (
                  <div key={column.key} className={cellClass(column)} role={column.isRowHeader === true ? "rowheader" : "cell"}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 && <p className={styles.blank}>{empty ?? intl.formatMessage({ id: "ui.table.empty" })}</p>}
    </div>
  );
}

function cellClass<Row>({ align }: VirtualColumn<Row>): string {
  return classNames(styles.cell, align === "end" && styles.end);
}
