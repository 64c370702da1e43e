// Empty, failed, forbidden, loading and live.
import { useIntl } from "react-intl";
import { Button } from "../../ui/button";
import { Section } from "../../ui/page";
import { EmptyState, ErrorState, ForbiddenState, LiveDot, Notice, Progress, Skeleton } from "../../ui/state";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

export function StateSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.states" }))}>
      <div className={styles.stack}>
        <Notice title={t("Terms are frozen", "条款已冻结")}>{t("They are those you accepted.", "以您接受时为准。")}</Notice>
        <Notice tone="good" title={t("The probe passed", "探测通过")} />
        <Notice tone="attention" title={t("80% of the allowance is used", "额度已用 80%")} />
        <EmptyState
          title={t("No calls yet", "还没有调用")}
          body={t("Make a key, then make the first call.", "先创建密钥，再发起第一次调用。")}
          action={<Button variant="primary">{t("Make a key", "创建密钥")}</Button>}
        />
        <ErrorState kind="unreachable" correlationId="cor_sample" onRetry={() => undefined} />
        <ForbiddenState roles={[t("Owner", "所有者"), t("Billing", "财务")]} />
        <Skeleton lines={3} />
        <Progress value={0.62} label={t("Reading rows", "正在读取")} />
        <p className={styles.row}>
          <LiveDot state="live" />
          <LiveDot state="connecting" />
          <LiveDot state="lost" />
        </p>
      </div>
    </Section>
  );
}
