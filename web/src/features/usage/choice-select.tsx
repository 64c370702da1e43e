// One filter with "all" before its values.
import { useSay } from "@/lib/say";
import { SelectField } from "@/ui/choice-field";
import { withChosen, type Named } from "./use-choices";

interface Props {
  label: string;
  value: string | undefined;
  choices: Named[];
  onChange: (value: string | undefined) => void;
}

const ALL = "*";

export function ChoiceSelect({ label, value, choices, onChange }: Props) {
  const say = useSay();
  return (
    <SelectField
      label={label}
      value={value ?? ALL}
      onChange={(next) => onChange(next === ALL ? undefined : next)}
      choices={[{ value: ALL, label: say("usage.all") }, ...withChosen(choices, value)]}
    />
  );
}
