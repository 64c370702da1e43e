// Tokens and parts with sample values, light and dark side by side: to look at, and to be looked at by tests.
import { useIntl } from "react-intl";
import { ActionSamples } from "../features/design/action-samples";
import { ChartSamples } from "../features/design/chart-samples";
import { FieldSamples } from "../features/design/field-samples";
import { NumberSamples } from "../features/design/number-samples";
import { StateSamples } from "../features/design/state-samples";
import { StructureSamples } from "../features/design/structure-samples";
import { TableSamples } from "../features/design/table-samples";
import { TokenSamples } from "../features/design/token-samples";
import { PaneContext } from "../features/design/use-sample";
import { Badge } from "../ui/badge";
import { PageHeader } from "../ui/page";
import { ThemeSwitch } from "../ui/theme-switch";
import styles from "./design.module.css";

const THEMES = ["light", "dark"] as const;

export function Design() {
  const intl = useIntl();
  return (
    <div className={styles.page}>
      <PageHeader
        title={intl.formatMessage({ id: "ui.design.title" })}
        lead={intl.formatMessage({ id: "ui.design.lead" })}
        actions={
          <>
            <Badge tone="attention">{intl.formatMessage({ id: "ui.design.sample" })}</Badge>
            <ThemeSwitch />
          </>
        }
      />
      <div className={styles.themes}>
        {THEMES.map((theme) => (
          <div key={theme} className={styles.theme} data-theme={theme}>
            <PaneContext value={intl.formatMessage({ id: `ui.design.${theme}` })}>
              <TokenSamples />
              <NumberSamples />
              <ActionSamples />
              <FieldSamples />
              <StructureSamples />
              <TableSamples />
              <StateSamples />
              <ChartSamples />
            </PaneContext>
          </div>
        ))}
      </div>
    </div>
  );
}
