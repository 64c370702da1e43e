// A chosen filter or tag, to be taken away where that is possible.
import { useIntl } from "react-intl";
import styles from "./chip.module.css";
import { classNames } from "./class-names";
import { Icon } from "./icons";

interface ChipProps {
  label: string;
  onRemove?: (() => void) | undefined;
}

export function Chip({ label, onRemove }: ChipProps) {
  const intl = useIntl();
  return (
    <span className={classNames(styles.chip, onRemove === undefined && styles.plain)}>
      {label}
      {onRemove !== undefined && (
        <button
          type="button"
          className={styles.remove}
          onClick={onRemove}
          aria-label={intl.formatMessage({ id: "ui.chip.remove" }, { label })}
        >
          <Icon name="close" />
        </button>
      )}
    </span>
  );
}
