// One of many, found by typing: capabilities, listings, organizations.
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { useEffect, useState } from "react";
import { useIntl } from "react-intl";
import type { Choice } from "./choice-field";
import { ariaField, FieldLabel, FieldNotes, hasError, type FieldProps } from "./field";
import styles from "./field.module.css";
import { Icon } from "./icons";
import overlay from "./overlay.module.css";

interface ComboFieldProps extends FieldProps {
  /** The chosen value, null where none is. */
  value: string | null;
  onChange: (value: string | null) => void;
  choices: readonly Choice[];
  placeholder?: string | undefined;
  /** Follows what is typed, where the choices come from the server; local filtering is off then. */
  onSearch?: ((typed: string) => void) | undefined;
  /** What is typed, with `onSearch`. */
  typed?: string | undefined;
}

export function ComboField(props: ComboFieldProps) {
  const { value, onChange, choices, placeholder, onSearch, typed, error } = props;
  const intl = useIntl();
  // A field that keeps no value has its list closed by what is picked being its value for one moment.
  const [picked, setPicked] = useState<string | null>(null);
  useEffect(() => setPicked(null), [picked]);
  const pick = (next: string | null) => {
    setPicked(next);
    onChange(next);
  };
  const search = onSearch === undefined ? { defaultItems: choices } : { items: choices, onInputChange: onSearch };
  return (
    <ComboBox
      {...ariaField(props)}
      {...search}
      {...(typed === undefined ? {} : { inputValue: typed })}
      value={value ?? picked}
      onChange={(key) => pick(key === null ? null : String(key))}
      menuTrigger="focus"
      allowsEmptyCollection
    >
      <FieldLabel {...props} />
      <div className={styles.box} data-invalid={hasError(error)}>
        <Input className={styles.input ?? ""} {...(placeholder === undefined ? {} : { placeholder })} />
        <Button className={styles.inside ?? ""} aria-label={intl.formatMessage({ id: "ui.field.showChoices" })}>
          <Icon name="chevronDown" />
        </Button>
      </div>
      <FieldNotes {...props} />
      <Popover className={overlay.popover ?? ""}>
        <ListBox<Choice>
          className={overlay.list ?? ""}
          renderEmptyState={() => <p className={overlay.empty}>{intl.formatMessage({ id: "ui.field.none" })}</p>}
        >
          {(choice) => (
            <ListBoxItem
              id={choice.value}
              className={overlay.option ?? ""}
              textValue={choice.label}
              isDisabled={choice.isDisabled ?? false}
            >
              <span>
                {choice.label}
                {choice.description !== undefined && <span className={overlay.note}> {choice.description}</span>}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
