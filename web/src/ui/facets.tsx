// Narrows a list: one group of values with how many there are of each.
import { useState } from "react";
import { useIntl } from "react-intl";
import { groupDigits } from "../lib/numbers";
import styles from "./facets.module.css";

export interface FacetValue {
  value: string;
  label: string;
  /** A whole number as a string. */
  count: string;
}

interface FacetsProps {
  title: string;
  values: readonly FacetValue[];
  selected: readonly string[];
  onChange: (selected: string[]) => void;
  /** How many show before `Show more`; chosen ones always show. */
  atFirst?: number | undefined;
}

export function Facets({ title, values, selected, onChange, atFirst = 8 }: FacetsProps) {
  const intl = useIntl();
  const [isOpen, setOpen] = useState(false);
  const shown = values.filter(({ value }, index) => isOpen || index < atFirst || selected.includes(value));
  const hidden = values.length - shown.length;
  const toggle = (value: string) =>
    onChange(selected.includes(value) ? selected.filter((each) => each !== value) : [...selected, value]);
  if (values.length === 0) return null;
  return (
    <fieldset className={styles.facets}>
      <legend className={styles.legend}>{title}</legend>
      {selected.length > 0 && (
        <button
          type="button"
          className={styles.clear}
          onClick={() => onChange([])}
          aria-label={intl.formatMessage({ id: "ui.facets.clear" }, { group: title })}
        >
          {intl.formatMessage({ id: "ui.field.clear" })}
        </button>
      )}
      <div className={styles.list}>
        {shown.map(({ value, label, count }) => (
          <label key={value} className={styles.facet}>
            <input
              type="checkbox"
              className={styles.box}
              checked={selected.includes(value)}
              onChange={() => toggle(value)}
            />
            <span className={styles.name}>{label}</span> <span className={styles.count}>{groupDigits(count)}</span>
          </label>
        ))}
      </div>
      {(hidden > 0 || isOpen) && values.length > atFirst && (
        <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen
            ? intl.formatMessage({ id: "ui.facets.fewer" })
            : intl.formatMessage({ id: "ui.facets.more" }, { count: hidden })}
        </button>
      )}
    </fieldset>
  );
}
