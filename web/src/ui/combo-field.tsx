// One of many, found by typing: capabilities, listings, organizations.
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Text } from "react-aria-components/Text";
import { useEffect, useState } from "react";
import { useIntl } from "react-intl";
import type { Choice } from "./choice-field";
import { hasError, RequiredMark, type FieldProps } from "./field";
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
  const { label, description, error, isRequired = false, isDisabled = false, name } = props;
  const { value, onChange, choices, placeholder, onSearch, typed } = props;
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
      className={styles.field ?? ""}
      isInvalid={hasError(error)}
      isRequired={isRequired}
      isDisabled={isDisabled}
      validationBehavior="aria"
      {...(name === undefined ? {} : { name })}
      {...search}
      {...(typed === undefined ? {} : { inputValue: typed })}
      value={value ?? picked}
      onChange={(key) => pick(key === null ? null : String(key))}
      menuTrigger="focus"
      allowsEmptyCollection
    >
      <Label className={styles.label ?? ""}>
        {label}
        <RequiredMark isRequired={isRequired} />
      </Label>
      <div className={styles.box} data-invalid={hasError(error)}>
        <Input className={styles.input ?? ""} {...(placeholder === undefined ? {} : { placeholder })} />
        <Button className={styles.inside ?? ""} aria-label={intl.formatMessage({ id: "ui.field.showChoices" })}>
          <Icon name="chevronDown" />
        </Button>
      </div>
      {description !== undefined && (
        <Text slot="description" className={styles.description ?? ""}>
          {description}
        </Text>
      )}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
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
