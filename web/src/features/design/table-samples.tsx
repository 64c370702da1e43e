// A sorted table with totals and pages, and one of ten thousand rows.
import { useState } from "react";
import { useIntl } from "react-intl";
import { addDecimals, compareDecimals } from "../../lib/numbers";
import { ClassBadge } from "../../ui/badge";
import { CsvButton } from "../../ui/csv-button";
import { DataTable, type Column, type Sort } from "../../ui/data-table";
import { Money, Quantity } from "../../ui/numbers";
import { Section } from "../../ui/page";
import { Pager } from "../../ui/pager";
import { VirtualTable, type VirtualColumn } from "../../ui/virtual-table";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

interface Line {
  name: string;
  isFree: boolean;
  quantity: string;
  amount: string;
}

const MANY = Array.from({ length: 10_000 }, (_, index) => ({ position: String(index + 1), kind: "usage.recorded" }));
type Entry = (typeof MANY)[number];

export function TableSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  const [sort, setSort] = useState<Sort>({ key: "amount", direction: "descending" });
  const lines: Line[] = [
    { name: t("Translation", "翻译"), isFree: false, quantity: "1284907", amount: "256.98" },
    { name: t("Speech", "语音"), isFree: true, quantity: "3600", amount: "0.00" },
    { name: t("Images", "图像"), isFree: false, quantity: "88", amount: "1585.62" },
  ];
  const sorted = [...lines].sort((a, b) => compareDecimals(a.amount, b.amount) * (sort.direction === "ascending" ? 1 : -1));
  const columns: Column<Line>[] = [
    { key: "name", header: t("Listing", "商品"), isRowHeader: true, cell: ({ name }) => name, footer: t("Total", "合计") },
    { key: "class", header: t("Class", "类别"), cell: ({ isFree }) => <ClassBadge value={isFree ? "FREE" : "VALUE_ADDED"} /> },
    { key: "quantity", header: t("Use", "用量"), align: "end", cell: ({ quantity }) => <Quantity value={quantity} meter="REQUEST" /> },
    {
      key: "amount",
      header: t("Amount", "金额"),
      align: "end",
      isSortable: true,
      cell: ({ amount }) => <Money amount={amount} currencyCode="CNY" />,
      footer: <Money amount={addDecimals(...lines.map(({ amount }) => amount))} currencyCode="CNY" />,
    },
  ];
  const entries: VirtualColumn<Entry>[] = [
    { key: "position", header: t("Position", "位置"), width: "6rem", align: "end", isRowHeader: true, cell: ({ position }) => <Quantity value={position} /> },
    { key: "kind", header: t("Kind", "种类"), width: "minmax(10rem, 1fr)", cell: ({ kind }) => <code>{kind}</code> },
  ];
  return (
    <Section
      title={label(intl.formatMessage({ id: "ui.design.tables" }))}
      actions={<CsvButton filename="sample.csv" rows={lines} columns={[{ header: "listing", value: ({ name }) => name }, { header: "amount", value: ({ amount }) => amount }]} />}
    >
      <div className={styles.stack}>
        <div>
          <DataTable caption={label(t("Sample lines", "示例明细"))} columns={columns} rows={sorted} rowKey={({ name }) => name} sort={sort} onSort={setSort} />
          <Pager label={label(t("Pages of lines", "明细分页"))} hasPrevious={false} hasNext total="1284" from={1} shown={3} pageSize={20} onPageSize={() => undefined} onPrevious={() => undefined} onNext={() => undefined} />
        </div>
        <VirtualTable caption={label(t("Sample log", "示例日志"))} columns={entries} rows={MANY} rowKey={({ position }) => position} height="14rem" />
      </div>
    </Section>
  );
}
