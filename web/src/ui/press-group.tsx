// A few ways of looking at the same thing, as joined buttons of which one is pressed.
import type { ReactNode } from "react";
import styles from "./press-group.module.css";

interface PressGroupProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  choices: readonly { value: Value; label: ReactNode; isDisabled?: boolean }[];
}

export function PressGroup<Value extends string>({ label, value, onChange, choices }: PressGroupProps<Value>) {
  return (
    <div className={styles.group} role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          className={styles.choice}
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
          disabled={choice.isDisabled}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
