// A range of days in a time zone: one press for the usual ones, two dates for any other.
import { useId } from "react";
import { useIntl } from "react-intl";
import { countedAt } from "../lib/counted-days";
import { isReversed, presetRange, RANGE_PRESETS, type DateRange, type RangePreset } from "../lib/date-range";
import styles from "./date-range-field.module.css";

interface DateRangeFieldProps {
  label: string;
  value: DateRange;
  onChange: (range: DateRange) => void;
  /** The time zone in which the days begin. */
  zone: string;
  /** When they are counted from, on the evening before; null where it is midnight, as by default. */
  countedFrom?: string | null | undefined;
  presets?: readonly RangePreset[] | undefined;
}

export function DateRangeField({ label, value, onChange, zone, countedFrom = null, presets = RANGE_PRESETS }: DateRangeFieldProps) {
  const intl = useIntl();
  const noteId = useId();
  const now = countedFrom === null ? new Date() : countedAt(new Date());
  const isWrong = isReversed(value);
  // At a month's end two of them are the same days: only the first is pressed.
  const pressed = presets.find((preset) => isSame(presetRange(preset, now, zone), value));
  const note = countedFrom === null ? intl.formatMessage({ id: "ui.range.zone" }, { zone }) : intl.formatMessage({ id: "ui.range.counted" }, { from: countedFrom, zone });
  return (
    <fieldset className={styles.range} aria-describedby={noteId}>
      <legend className={styles.legend}>{label}</legend>
      <div className={styles.presets}>
        {presets.map((preset) => (
          <button
            key={preset}
            type="button"
            className={styles.preset}
            aria-pressed={preset === pressed}
            onClick={() => onChange(presetRange(preset, now, zone))}
          >
            {intl.formatMessage({ id: `ui.range.${preset}` })}
          </button>
        ))}
      </div>
      <div className={styles.dates}>
        <Day label={intl.formatMessage({ id: "ui.range.from" })} value={value.from} isWrong={isWrong} onChange={(from) => onChange({ ...value, from })} />
        <Day label={intl.formatMessage({ id: "ui.range.until" })} value={value.until} isWrong={isWrong} onChange={(until) => onChange({ ...value, until })} />
      </div>
      <p className={isWrong ? styles.error : styles.note} id={noteId} role={isWrong ? "alert" : undefined}>
        {isWrong ? intl.formatMessage({ id: "ui.range.order" }) : note}
      </p>
    </fieldset>
  );
}

function isSame(one: DateRange, other: DateRange): boolean {
  return one.from === other.from && one.until === other.until;
}

interface DayProps {
  label: string;
  value: string;
  isWrong: boolean;
  onChange: (day: string) => void;
}

function Day({ label, value, isWrong, onChange }: DayProps) {
  return (
    <label className={styles.day}>
      {label}
      <input
        type="date"
        className={styles.input}
        value={value}
        aria-invalid={isWrong || undefined}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
