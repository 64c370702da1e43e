// Colours by role, and the sizes of type.
import type { CSSProperties } from "react";
import { useIntl } from "react-intl";
import { Section } from "../../ui/page";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

const COLOURS = [
  "paper",
  "surface",
  "sunken",
  "raised",
  "ink",
  "ink-soft",
  "line",
  "line-strong",
  "free",
  "free-soft",
  "value-added",
  "value-added-soft",
  "danger",
  "danger-soft",
  "wood",
  "wood-edge",
];

export function TokenSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  return (
    <>
      <Section title={label(intl.formatMessage({ id: "ui.design.colours" }))}>
        <ul className={styles.swatches}>
          {COLOURS.map((name) => (
            <li key={name} className={styles.swatch}>
              <span className={styles.colour} style={{ "--sample-colour": `var(--${name})` } as CSSProperties} />
              {name}
            </li>
          ))}
        </ul>
      </Section>
      <Section title={label(intl.formatMessage({ id: "ui.design.type" }))}>
        <div className={styles.stack}>
          <p className={styles.hero}>{t("Buyer and seller read the same meter", "买卖双方，看同一块表")}</p>
          <p className={styles.section}>{t("Every total opens to its lines", "每个合计都能展开到明细")}</p>
          <p className={styles.lead}>{t("Free means exactly free: 1,000 calls.", "说免费，就免费：1,000 次调用。")}</p>
          <p>
            {t(
              "Body text stands at sixteen pixels on a calm paper; figures such as 1,234.50 keep their columns.",
              "正文为十六像素，置于素净的纸面；1,234.50 这样的数字逐列对齐，中西文混排 GraphQL 也清晰可读。",
            )}
          </p>
          <p className={styles.soft}>{t("Softer text for what comes second.", "次要内容使用较浅的文字。")}</p>
        </div>
      </Section>
    </>
  );
}
