// The frame of a chart: what and when it shows, its key, and the same numbers as a table. The drawing itself comes in
// its own chunk, so that pages without a chart don't load the drawing library.
import { lazy, Suspense, useState } from "react";
import { useIntl } from "react-intl";
import { addDecimals, groupDigits } from "../lib/numbers";
import { Button } from "./button";
import styles from "./chart.module.css";
import { classNames } from "./class-names";
import { DataTable, type Column } from "./data-table";

const Plot = lazy(() => import("./charts/plot"));

export type ChartKind = "bar" | "line" | "area";
export type SeriesTone = "free" | "valueAdded" | "neutral" | "danger";

export interface Series<Row> {
  key: string;
  label: string;
  /** Colour and pattern; each series of a chart has its own. */
  tone: SeriesTone;
  /** The value as an exact decimal string of zero or more. */
  value: (row: Row) => string;
}

export interface SeriesChartProps<Row> {
  kind: ChartKind;
  /** What is counted: `Calls by day`. */
  caption: string;
  data: readonly Row[];
  x: { label: string; value: (row: Row) => string };
  series: readonly Series<Row>[];
  /** The period in words; the time zone is added. */
  period: string;
  /** The time zone of the days; by default UTC, as on invoices. */
  zone?: string | undefined;
  /** Puts series on top of each other and adds a total: only for values that add up. */
  isStacked?: boolean | undefined;
  /** Writes a value with its unit; by default grouped digits. */
  formatValue?: ((value: string) => string) | undefined;
}

/** Draws series over time, with the same numbers as a table one press away. */
export function SeriesChart<Row>(props: SeriesChartProps<Row>) {
  const { caption, data, series, period, zone = "UTC" } = props;
  const intl = useIntl();
  const [isTable, setTable] = useState(false);
  const isEmpty = data.every((row) => series.every(({ value }) => /^[0.]*$/.test(value(row))));
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.head}>
        <div>
          <p className={styles.title}>{caption}</p>
          <p className={styles.period}>{intl.formatMessage({ id: "ui.chart.caption" }, { period, zone })}</p>
        </div>
        <Button variant="quiet" size="small" onPress={() => setTable(!isTable)}>
          {intl.formatMessage({ id: isTable ? "ui.chart.chart" : "ui.chart.table" })}
        </Button>
      </figcaption>
      {!isTable && <Legend series={series} />}
      {isTable ? (
        <SeriesTable {...props} />
      ) : (
        <div className={styles.plot}>
          {isEmpty ? (
            <p className={styles.hold}>{intl.formatMessage({ id: "ui.chart.empty" })}</p>
          ) : (
            <Suspense fallback={<p className={styles.hold}>{intl.formatMessage({ id: "ui.loading" })}</p>}>
              <Drawing {...props} />
            </Suspense>
          )}
        </div>
      )}
    </figure>
  );
}

function Legend<Row>({ series }: { series: readonly Series<Row>[] }) {
  return (
    <ul className={styles.legend}>
      {series.map(({ key, label, tone }) => (
        <li key={key}>
          <span className={classNames(styles.key, styles[tone])} aria-hidden="true" />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** Hands the plot texts to show and floats to draw with: pixels need no more, and no float is ever read. */
function Drawing<Row>({ kind, caption, data, x, series, isStacked = true, formatValue = groupDigits }: SeriesChartProps<Row>) {
  const intl = useIntl();
  const points = data.map((row) => ({
    label: x.value(row),
    heights: series.map(({ value }) => Number(value(row))),
    texts: series.map(({ value }) => formatValue(value(row))),
  }));
  return (
    <Plot
      kind={kind}
      label={caption}
      points={points}
      series={series.map(({ key, label, tone }) => ({ key, label, tone }))}
      isStacked={isStacked && kind !== "line"}
      formatTick={(value) => intl.formatNumber(value, { notation: "compact", maximumFractionDigits: 2 })}
    />
  );
}

function SeriesTable<Row>({ caption, data, x, series, isStacked = true, formatValue = groupDigits }: SeriesChartProps<Row>) {
  const intl = useIntl();
  const total = (row: Row) => addDecimals(...series.map(({ value }) => value(row)));
  const columns: Column<Row>[] = [
    { key: "x", header: x.label, isRowHeader: true, cell: x.value, ...(isStacked ? { footer: intl.formatMessage({ id: "ui.chart.total" }) } : {}) },
    ...series.map(
      ({ key, label, value }): Column<Row> => ({
        key,
        header: label,
        align: "end",
        cell: (row) => formatValue(value(row)),
        ...(isStacked ? { footer: formatValue(addDecimals(...data.map(value))) } : {}),
      }),
    ),
  ];
  if (isStacked && series.length > 1) {
    columns.push({
      key: "total",
      header: intl.formatMessage({ id: "ui.chart.total" }),
      align: "end",
      cell: (row) => formatValue(total(row)),
      footer: formatValue(addDecimals(...data.map(total))),
    });
  }
  return <DataTable caption={caption} columns={columns} rows={data} rowKey={x.value} isTall />;
}
