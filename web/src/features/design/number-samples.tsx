// Money, counts, instants and allowances.
import { useIntl } from "react-intl";
import { AllowanceMeter } from "../../ui/allowance-meter";
import { ClassBadge, StatusBadge } from "../../ui/badge";
import { Duration, ExactCharge, Money, Percent, Quantity } from "../../ui/numbers";
import { KeyValue, Section } from "../../ui/page";
import { Spark } from "../../ui/spark";
import { Stat, StatRow } from "../../ui/stat";
import { Instant, Period } from "../../ui/time";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

const STATES = ["DRAFT", "IN_REVIEW", "PUBLISHED", "DEPRECATED", "RETIRED", "IN_FORCE", "ISSUED", "PAID", "VOID", "RESTING"] as const;
const COURSE = ["12", "30", "18", "44", "39", "61", "57", "80", "74", "96"];

export function NumberSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.numbers" }))}>
      <div className={styles.stack}>
        <StatRow>
          <Stat
            label={t("Calls this month", "本月调用")}
            value={<Quantity value="1284907" isCompact />}
            note={<Spark values={COURSE} label={t("Calls by day", "每日调用")} />}
          />
          <Stat label={t("Spent", "已花费")} value={<Money amount="1842.60" currencyCode="CNY" />} note={t("before tax", "未含税")} />
          <Stat label={t("Free share", "免费占比")} value={<Percent ratio="0.8725" />} note={t("of all calls", "占全部调用")} />
        </StatRow>
        <KeyValue
          entries={[
            [t("Amount", "金额"), <Money amount="-12.30" currencyCode="USD" />],
            [t("Unrounded charge", "未舍入费用"), <ExactCharge exact="0.00024000" currencyCode="CNY" />],
            [t("Use", "用量"), <Quantity value="1234567" meter="CHARACTER" />],
            [t("Instant", "时刻"), <Instant value="2026-03-02T08:15:30Z" />],
            [t("Period", "账期"), <Period start="2026-03-01T00:00:00Z" end="2026-04-01T00:00:00Z" />],
            [t("Latency", "延迟"), <Duration milliseconds={1840} />],
          ]}
        />
        <AllowanceMeter included="10000" used="6200" held="450" valueAdded="0" meter="CHARACTER" />
        <AllowanceMeter included="500" used="500" held="0" valueAdded="212" meter="REQUEST" />
        <p className={styles.row}>
          <ClassBadge value="FREE" />
          <ClassBadge value="VALUE_ADDED" />
          {STATES.map((state) => (
            <StatusBadge key={state} state={state} />
          ))}
        </p>
      </div>
    </Section>
  );
}
