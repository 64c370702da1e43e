// Every kind of field, filled in, empty and wrong.
import { useState } from "react";
import { useIntl } from "react-intl";
import type { DateRange } from "../../lib/date-range";
import { CheckboxesField, CheckboxField, RadioField, SelectField, SwitchField, type Choice } from "../../ui/choice-field";
import { ComboField } from "../../ui/combo-field";
import { DateRangeField } from "../../ui/date-range-field";
import { FileField } from "../../ui/file-field";
import { FormErrors } from "../../ui/form-errors";
import { Section } from "../../ui/page";
import { NumberField, SearchField, TextField } from "../../ui/text-field";
import styles from "./sample.module.css";
import { usePaneLabel, useSample } from "./use-sample";

export function FieldSamples() {
  const intl = useIntl();
  const label = usePaneLabel();
  return (
    <Section title={label(intl.formatMessage({ id: "ui.design.fields" }))}>
      <div className={styles.stack}>
        <TypedFields />
        <ChoiceFields />
      </div>
    </Section>
  );
}

function TypedFields() {
  const t = useSample();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [price, setPrice] = useState("0.0024");
  const [search, setSearch] = useState("");
  const [file, setFile] = useState<File | null>(null);
  return (
    <>
      <FormErrors errors={SAMPLE_ERRORS} shownAtField={["name"]} />
      <div className={styles.pair}>
        <TextField
          label={t("Name of the store", "店铺名称")}
          value={name}
          onChange={setName}
          isRequired
          error={name === "" ? t("A store needs a name", "店铺需要名称") : null}
        />
        <NumberField
          label={t("Unit price", "单价")}
          description={t("At most six digits after the point", "小数点后最多六位")}
          value={price}
          onChange={setPrice}
          scale={6}
          min="0"
          suffix="CNY"
        />
        <SearchField label={t("Search", "搜索")} placeholder={t("Translation, images…", "翻译、图像…")} value={search} onChange={setSearch} isLabelHidden={false} />
        <FileField label={t("Logo", "标志")} accept={["image/*"]} maxBytes={1_048_576} file={file} onChange={setFile} />
      </div>
      <TextField label={t("Description", "说明")} value={text} onChange={setText} isMultiline rows={3} />
    </>
  );
}

const SAMPLE_ERRORS = [{ code: "SAMPLE_REFUSED", message: "The terms ended yesterday (sample)", path: [] }];

type Kind = "DATASET" | "MODEL" | "SOLUTION";

function ChoiceFields() {
  const t = useSample();
  const kinds: Choice<Kind>[] = [
    { value: "DATASET", label: t("Dataset", "数据集") },
    { value: "MODEL", label: t("Model", "模型"), description: t("Answers calls", "应答调用") },
    { value: "SOLUTION", label: t("Solution", "解决方案"), isDisabled: true },
  ];
  const [kind, setKind] = useState<Kind | "">("MODEL");
  const [several, setSeveral] = useState<Kind[]>(["DATASET"]);
  const [combo, setCombo] = useState<string | null>(null);
  const [isAgreed, setAgreed] = useState(false);
  const [isOpen, setOpen] = useState(true);
  const [range, setRange] = useState<DateRange>({ from: "", until: "" });
  return (
    <>
      <div className={styles.pair}>
        <SelectField label={t("Kind", "类型")} value={kind} onChange={setKind} choices={kinds} />
        <ComboField label={t("Capability", "能力")} value={combo} onChange={setCombo} choices={kinds} />
        <RadioField label={t("Kind", "类型")} value={kind} onChange={setKind} choices={kinds} />
        <CheckboxesField label={t("Kinds", "类型")} values={several} onChange={setSeveral} choices={kinds} />
        <CheckboxField label={t("I accept the terms", "我接受条款")} isSelected={isAgreed} onChange={setAgreed} />
        <SwitchField
          label={t("Sandbox open", "开放试用")}
          description={t("Takes effect at once", "立即生效")}
          isSelected={isOpen}
          onChange={setOpen}
        />
      </div>
      <DateRangeField label={t("Period", "时段")} zone="Asia/Shanghai" value={range} onChange={setRange} />
    </>
  );
}
