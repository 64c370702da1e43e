// A text in both languages, side by side; one of them is enough.
import type { Localized } from "../lib/localized";
import type { FieldProps } from "./field";
import styles from "./localized-field.module.css";
import { TextField } from "./text-field";

interface LocalizedFieldProps extends FieldProps {
  value: Localized;
  onChange: (value: Localized) => void;
  isMultiline?: boolean | undefined;
  rows?: number | undefined;
  placeholder?: Localized | undefined;
}

export function LocalizedField(props: LocalizedFieldProps) {
  const { label, description, error, isRequired, isDisabled, value, onChange, isMultiline, rows, placeholder } = props;
  const shared = { isDisabled, isMultiline, rows, isRequired };
  return (
    <div className={styles.pair}>
      <TextField
        {...shared}
        label={`${label} (English)`}
        description={description}
        error={error}
        value={value.en}
        onChange={(en) => onChange({ ...value, en })}
        placeholder={placeholder?.en}
        lang="en"
      />
      <TextField
        {...shared}
        label={`${label} (中文)`}
        error={error === null || error === undefined ? null : " "}
        value={value.zh}
        onChange={(zh) => onChange({ ...value, zh })}
        placeholder={placeholder?.zh}
        lang="zh-CN"
      />
    </div>
  );
}
