// The three kinds of chart over the same thirty days.
import { useIntl } from "react-intl";
import { SeriesChart, type Series } from "../../ui/chart";
import { Section } from "../../ui/page";
import { formatPeriod } from "../../ui/time";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

interface Day {
  day: string;
  free: string;
  valueAdded: string;
}

const DAYS: Day[] = Array.from({ length: 30 }, (_, index) => ({
  day: `03-${String(index + 1).padStart(2, "0")}`,
  free: String(Math.min(400, 120 + ((index * 37) % 310))),
  valueAdded: String(index < 8 ? 0 : (index * 53) % 260),
}));

export function ChartSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  const period = formatPeriod("2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z", intl.locale);
  const series: Series<Day>[] = [
    { key: "free", label: intl.formatMessage({ id: "ui.class.FREE" }), tone: "free", value: ({ free }) => free },
    { key: "valueAdded", label: intl.formatMessage({ id: "ui.class.VALUE_ADDED" }), tone: "valueAdded", value: ({ valueAdded }) => valueAdded },
  ];
  const shared = { data: DAYS, x: { label: t("Day", "日"), value: ({ day }: Day) => day }, series, period };
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.charts" }))}>
      <div className={styles.stack}>
        <SeriesChart {...shared} kind="bar" caption={t("Calls by day (sample)", "每日调用（示例）")} />
        <SeriesChart {...shared} kind="area" caption={t("Calls, area (sample)", "调用，面积图（示例）")} />
        <SeriesChart {...shared} kind="line" isStacked={false} caption={t("Calls, lines (sample)", "调用，折线图（示例）")} />
      </div>
    </Section>
  );
}
