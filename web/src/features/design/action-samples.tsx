// Buttons, menus, dialogs and toasts.
import { useIntl } from "react-intl";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { ConfirmDialog } from "../../ui/dialog";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem } from "../../ui/menu";
import { Section } from "../../ui/page";
import { useToast } from "../../ui/toast";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

export function ActionSamples() {
  const intl = useIntl();
  const t = useSample();
  const label = usePaneLabel();
  const toast = useToast();
  const saved = () =>
    toast({
      title: t("Price saved (sample)", "价格已保存（示例）"),
      action: { label: t("Undo", "撤销"), onAction: () => toast({ title: t("Undone (sample)", "已撤销（示例）") }) },
    });
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.actions" }))}>
      <div className={styles.stack}>
        <p className={styles.row}>
          <Button variant="primary" onPress={saved}>
            {t("Save price", "保存价格")}
          </Button>
          <Button icon={<Icon name="plus" />}>{t("New listing", "新建商品")}</Button>
          <Button variant="quiet">{t("Details", "详情")}</Button>
          <Button isPending>{t("Sending", "提交中")}</Button>
          <Button isDisabled>{t("Not yet", "暂不可用")}</Button>
        </p>
        <p className={styles.row}>
          <Button size="small">{t("Small", "小")}</Button>
          <Button size="large" variant="primary">
            {t("Large", "大")}
          </Button>
          <CopyButton text="tk_sample" label={t("Copy sample key", "复制示例密钥")} />
          <Menu>
            <MenuItem onAction={saved}>{t("Duplicate", "复制一份")}</MenuItem>
            <MenuItem onAction={saved} tone="danger">
              {t("Retire", "下架")}
            </MenuItem>
          </Menu>
          <ConfirmDialog
            title={t("Void this invoice?", "作废这张账单？")}
            body={<p>{t("Nothing is owed then; the usage stays recorded.", "作废后无需付款；用量仍保留记录。")}</p>}
            confirmLabel={t("Void invoice", "作废账单")}
            tone="danger"
            trigger={<Button variant="danger">{t("Void invoice", "作废账单")}</Button>}
            onConfirm={saved}
          />
        </p>
      </div>
    </Section>
  );
}
