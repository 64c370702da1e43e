// An allowance as a tally stick: one thin notch per fortieth that is used, hollow ones for what calls under way hold,
// smooth wood for what is left, and broad notches past the end for value-added use. The text says the same in numbers.
import { useIntl } from "react-intl";
import type { MeterName } from "../lib/meters";
import { addDecimals, compareDecimals, groupDigits, shareOf } from "../lib/numbers";
import styles from "./allowance-meter.module.css";
import { useMeterUnit } from "./numbers";

interface AllowanceMeterProps {
  /** Units free per period; this and the other counts are whole numbers as strings. */
  included: string;
  used: string;
  held: string;
  /** Units of value-added use in the same period. */
  valueAdded: string;
  meter: MeterName;
}

const NOTCHES = 40;
const PITCH = 10;
const HEIGHT = 28;
const BROAD_NOTCHES = 8;
const BROAD_PITCH = 20;

export function AllowanceMeter({ included, used, held, valueAdded, meter }: AllowanceMeterProps) {
  const intl = useIntl();
  const unit = useMeterUnit()(meter, included);
  const left = remaining(included, used, held);
  const counts = { included, used, held, left, valueAdded };
  const spoken = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, groupDigits(count)]));
  return (
    <div className={styles.meter}>
      <p className={styles.head}>
        <span className={styles.included}>
          {groupDigits(included)} {unit}
        </span>
        <span>
          {groupDigits(left)} {intl.formatMessage({ id: "ui.allowance.left" })}
        </span>
      </p>
      <Stick {...counts} label={intl.formatMessage({ id: "ui.allowance.spoken" }, { ...spoken, unit })} />
      <ul className={styles.legend}>
        <LegendEntry className={styles.keyFree} count={used} text={intl.formatMessage({ id: "ui.allowance.used" })} />
        {compareDecimals(held, "0") > 0 && (
          <LegendEntry className={styles.keyHeld} count={held} text={intl.formatMessage({ id: "ui.allowance.held" })} />
        )}
        <LegendEntry
          className={styles.keyValueAdded}
          count={valueAdded}
          text={intl.formatMessage({ id: "ui.allowance.valueAdded" })}
        />
      </ul>
    </div>
  );
}

function remaining(included: string, used: string, held: string): string {
  const left = addDecimals(included, `-${used}`, `-${held}`);
  return left.startsWith("-") ? "0" : left;
}

function LegendEntry({ className, count, text }: { className: string | undefined; count: string; text: string }) {
  return (
    <li>
      <span className={`${styles.key} ${className ?? ""}`} aria-hidden="true" />
      <span>
        <b>{groupDigits(count)}</b> {text}
      </span>
    </li>
  );
}

interface StickProps {
  included: string;
  used: string;
  held: string;
  valueAdded: string;
  label: string;
}

function Stick({ included, used, held, valueAdded, label }: StickProps) {
  const cut = notchCount(shareOf(used, included), NOTCHES);
  const hollow = Math.min(notchCount(shareOf(held, included), NOTCHES), NOTCHES - cut);
  const broad = notchCount(shareOf(valueAdded, addDecimals(included, valueAdded)), BROAD_NOTCHES);
  const free = NOTCHES * PITCH;
  const width = free + BROAD_NOTCHES * BROAD_PITCH;
  return (
    <svg className={styles.stick} viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className={styles.wood} x="0.5" y="0.5" width={width - 1} height={HEIGHT - 1} rx="3" />
      <path className={styles.grain} d={`M6 19C${width / 3} 24 ${width / 2} 15 ${width - 6} 20`} />
      <path className={styles.free} d={wedges(0, cut, PITCH, 3, 0)} />
      <path className={styles.held} d={wedges(cut, hollow, PITCH, 3, 0)} />
      <path className={styles.end} d={`M${free} 0V${HEIGHT}`} />
      <path className={styles.valueAdded} d={wedges(0, broad, BROAD_PITCH, 7.5, free)} />
    </svg>
  );
}

/** Any use at all makes at least one notch, and only full use makes all of them. */
function notchCount(share: number, all: number): number {
  if (share <= 0) return 0;
  return share >= 1 ? all : Math.min(Math.max(Math.round(share * all), 1), all - 1);
}

/** Notches that are open at the upper edge and end in a point. */
function wedges(from: number, count: number, pitch: number, halfWidth: number, offset: number): string {
  const columns = Array.from({ length: count }, (_, index) => offset + (from + index + 0.5) * pitch);
  return columns.map((x) => `M${x - halfWidth} 0L${x} ${HEIGHT * 0.68}L${x + halfWidth} 0Z`).join("");
}
