// A text of JSON to edit: in the typeface of code, and put in order on demand.
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/text-field";
import styles from "./json-field.module.css";

interface JsonFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}

export function JsonField({ label, description, value, onChange, error }: JsonFieldProps) {
  const say = useSay();
  const ordered = inOrder(value);
  const rows = Math.min(Math.max(value.split("\n").length + 1, 8), 28);
  return (
    <div className={styles.field}>
      <TextField label={label} description={description} value={value} onChange={onChange} error={error} isMultiline rows={rows} lang="zxx" isRequired />
      <div>
        <Button size="small" variant="quiet" isDisabled={ordered === null || ordered === value} onPress={() => onChange(ordered ?? value)}>
          {say("operate.json.inOrder")}
        </Button>
      </div>
    </div>
  );
}

/** The same value with two spaces a level; null where the text is no JSON. */
function inOrder(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
