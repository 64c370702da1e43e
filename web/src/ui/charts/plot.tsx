// Draws series with Recharts. Colours come from the page's tokens, and each tone has a pattern of its own.
import { useId } from "react";
import { Area, Bar, Brush, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from "recharts";
import type { ChartKind, SeriesTone } from "../chart";
import styles from "./plot.module.css";

interface PlotPoint {
  label: string;
  /** One per series. */
  heights: number[];
  /** The exact values as they are read, one per series. */
  texts: string[];
}

interface PlotSeries {
  key: string;
  label: string;
  tone: SeriesTone;
}

interface PlotProps {
  kind: ChartKind;
  label: string;
  points: PlotPoint[];
  series: PlotSeries[];
  isStacked: boolean;
  formatTick: (value: number) => string;
}

const STROKES: Record<SeriesTone, string> = {
  free: "var(--free)",
  valueAdded: "var(--value-added)",
  neutral: "var(--ink-soft)",
  danger: "var(--danger)",
};

const TICK = { fill: "var(--ink-soft)", fontSize: 12 };

const DASHES: Record<SeriesTone, string | undefined> = {
  free: undefined,
  valueAdded: "7 4",
  neutral: "2 3",
  danger: "9 3 2 3",
};

/** From this many points on, a brush below the plot looks at part of them. */
const BRUSH_FROM = 14;

export default function Plot({ kind, label, points, series, isStacked, formatTick }: PlotProps) {
  const id = useId().replace(/\W/g, "");
  const stack = isStacked ? { stackId: "all" } : {};
  return (
    <ComposedChart
      className={styles.plot ?? ""}
      responsive
      data={points}
      margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
      title={label}
      maxBarSize={40}
    >
      <defs>
        <Patterns id={id} />
      </defs>
      <CartesianGrid vertical={false} />
      <XAxis dataKey="label" tick={TICK} tickLine={false} minTickGap={24} interval="equidistantPreserveStart" />
      <YAxis tick={TICK} tickFormatter={formatTick} tickLine={false} axisLine={false} width={52} />
      <Tooltip cursor={{ fill: "var(--sunken)", stroke: "var(--line-strong)" }} content={(shown) => <Reading series={series} point={pointOf(shown.payload)} />} isAnimationActive={false} />
      {series.map(({ key, label: name, tone }, index) => {
        const shared = { name, dataKey: (point: PlotPoint) => point.heights[index] ?? 0, isAnimationActive: false };
        const stroke = STROKES[tone];
        if (kind === "line") {
          return <Line {...shared} key={key} stroke={stroke} strokeWidth={2} strokeDasharray={DASHES[tone] ?? "0"} dot={false} />;
        }
        const fill = tone === "free" ? stroke : `url(#${id}-${tone})`;
        if (kind === "area") {
          return <Area {...shared} {...stack} key={key} stroke={stroke} strokeWidth={1.5} fill={fill} fillOpacity={1} />;
        }
        return <Bar {...shared} {...stack} key={key} stroke={stroke} strokeWidth={1} fill={fill} />;
      })}
      {points.length >= BRUSH_FROM && (
        <Brush dataKey="label" height={22} travellerWidth={10} stroke="var(--line-strong)" fill="var(--sunken)" tickFormatter={() => ""} />
      )}
    </ComposedChart>
  );
}

function Patterns({ id }: { id: string }) {
  return (
    <>
      <pattern id={`${id}-valueAdded`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill="var(--value-added-soft)" />
        <rect width="2.5" height="6" fill="var(--value-added)" />
      </pattern>
      <pattern id={`${id}-neutral`} width="5" height="5" patternUnits="userSpaceOnUse">
        <rect width="5" height="5" fill="var(--sunken)" />
        <circle cx="2.5" cy="2.5" r="1.2" fill="var(--ink-soft)" />
      </pattern>
      <pattern id={`${id}-danger`} width="4" height="4" patternUnits="userSpaceOnUse">
        <rect width="4" height="4" fill="var(--danger-soft)" />
        <rect width="4" height="2" fill="var(--danger)" />
      </pattern>
    </>
  );
}

function pointOf(payload: readonly { payload?: unknown }[] | undefined): PlotPoint | null {
  const point = payload?.[0]?.payload;
  return typeof point === "object" && point !== null && "texts" in point ? (point as PlotPoint) : null;
}

function Reading({ point, series }: { point: PlotPoint | null; series: PlotSeries[] }) {
  if (point === null) return null;
  return (
    <div className={styles.tooltip}>
      <p className={styles.when}>{point.label}</p>
      {series.map(({ key, label }, index) => (
        <p key={key} className={styles.line}>
          <span>{label}</span>
          <span>{point.texts[index]}</span>
        </p>
      ))}
    </div>
  );
}
