// Tabs, steps, facets, map tiles, code, JSON and differences.
import { useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "../../ui/button";
import { Chip } from "../../ui/chip";
import { CodeTabs } from "../../ui/code-tabs";
import { Diff } from "../../ui/diff";
import { Disclosure } from "../../ui/disclosure";
import { Facets } from "../../ui/facets";
import { JsonView } from "../../ui/json-view";
import { MarketGrid, MarketTile } from "../../ui/market-tile";
import { Card, Section } from "../../ui/page";
import { Steps } from "../../ui/steps";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

const CODE = [
  { id: "curl", label: "curl", code: "curl -s http://127.0.0.1:8080/graphql \\\n  -H 'authorization: Bearer tk_sample'" },
  { id: "python", label: "Python", code: 'answer = call("nlp.translate", text="Hello")' },
];
const EVENT = { stream: "inv_sample", revision: 3, data: { total: { amount: "12.30", currencyCode: "CNY" }, lines: ["a", "b"] } };

export function StructureSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  const [chosen, setChosen] = useState<string[]>(["MODEL"]);
  const tiles: [string, number][] = [
    [t("Machine translation", "机器翻译"), 9],
    [t("Speech recognition", "语音识别"), 5],
    [t("Image captions", "图像描述"), 2],
    [t("Route planning", "路径规划"), 1],
    [t("Protein folding", "蛋白质折叠"), 0],
  ];
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.structure" }))}>
      <div className={styles.stack}>
        <Steps
          steps={[
            { id: "store", title: t("Open a store", "开一家店"), state: "done" },
            { id: "list", title: t("List a model", "上架模型"), state: "next", action: <Button size="small">{t("Start", "开始")}</Button> },
            { id: "review", title: t("Pass review", "通过审核"), state: "blocked", reason: t("The probe failed: one check of three", "探测未通过：三项中有一项失败") },
            { id: "publish", title: t("Publish", "发布"), state: "later" },
          ]}
        />
        <MarketGrid label={t("Sample capabilities", "示例能力")}>
          {tiles.map(([name, count]) => (
            <MarketTile key={name} name={name} listingCount={count} note={count > 4 ? t("free use", "含免费") : undefined} />
          ))}
        </MarketGrid>
        <div className={styles.pair}>
          <Card>
            <Facets
              title={t("Kind", "类型")}
              values={[
                { value: "MODEL", label: t("Model", "模型"), count: "1204" },
                { value: "DATASET", label: t("Dataset", "数据集"), count: "88" },
                { value: "SOLUTION", label: t("Solution", "解决方案"), count: "7" },
              ]}
              selected={chosen}
              onChange={setChosen}
              atFirst={2}
            />
          </Card>
          <div>
            <p className={styles.row}>
              <Chip label={t("Model", "模型")} onRemove={() => setChosen([])} />
              <Chip label="Apache-2.0" />
            </p>
            <Disclosure title={t("How this was rated", "计价过程")} note={t("3 lines", "3 行")}>
              {t("1,000 free, 212 at 0.002", "1,000 免费，212 按 0.002 计")}
            </Disclosure>
          </div>
        </div>
        <CodeTabs label={label(t("First call", "第一次调用"))} samples={CODE} />
        <JsonView label={label(t("Sample event", "示例事件"))} value={EVENT} />
        <Diff
          caption={label(t("Sample difference", "示例差异"))}
          before={{ title: "Translate", price: "0.0024", licence: "MIT" }}
          after={{ title: "Translate", price: "0.0020", placement: "CN" }}
          labels={{ price: t("Unit price", "单价") }}
        />
      </div>
    </Section>
  );
}
