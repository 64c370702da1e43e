// The log and its writer, what follows the log, and the upstreams that answer calls.
import { Link } from "@tanstack/react-router";
import { useIntl } from "react-intl";
import { compareDecimals, formatPercent, groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Badge, StatusBadge } from "@/ui/badge";
import { DataTable, type Column } from "@/ui/data-table";
import { Duration } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Spark } from "@/ui/spark";
import { Stat, StatRow } from "@/ui/stat";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { TwoLines } from "../operate/parts";
import type { Status } from "./use-platform";

type ViewStatus = Status["views"][number];
type Upstream = Status["upstreams"][number];

export function LogHealth({ status: { log, version, startedAt } }: { status: Status }) {
  const say = useSay();
  return (
    <Section title={say("operate.health.log")} note={say("operate.health.log.note")}>
      <StatRow>
        <Stat label={say("operate.health.head")} value={groupDigits(log.head)} note={<Size bytes={log.bytes} />} />
        <Stat label={say("operate.health.flushP50")} value={<Flush microseconds={log.flushP50Microseconds} />} note={say("operate.health.flush.note")} />
        <Stat label={say("operate.health.flushP99")} value={<Flush microseconds={log.flushP99Microseconds} />} />
        <Stat
          label={say("operate.health.lastFlush")}
          value={log.lastFlushAt === null ? "–" : <Instant value={log.lastFlushAt} format="time" />}
          note={log.lastFlushAt === null ? undefined : <Instant value={log.lastFlushAt} format="date" />}
        />
        <Stat label={say("operate.health.startedAt")} value={<Instant value={startedAt} format="time" />} note={<StartNote startedAt={startedAt} version={version} />} />
      </StatRow>
    </Section>
  );
}

function StartNote({ startedAt, version }: Pick<Status, "startedAt" | "version">) {
  const say = useSay();
  return (
    <>
      <Instant value={startedAt} format="date" /> · {say("operate.health.version", { version })}
    </>
  );
}

function Flush({ microseconds }: { microseconds: number | null }) {
  const intl = useIntl();
  if (microseconds === null) return "–";
  if (microseconds >= 1_000) return <Duration milliseconds={microseconds / 1_000} />;
  return intl.formatNumber(microseconds, { style: "unit", unit: "microsecond", unitDisplay: "short" });
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size on disk in the unit that reads best; nothing is billed by it. */
export function Size({ bytes }: { bytes: string }) {
  const intl = useIntl();
  const step = Math.min(Math.max(Math.floor((bytes.length - 1) / 3), 0), UNITS.length - 1);
  const value = Number(BigInt(bytes) / 1_000n ** BigInt(Math.max(step - 1, 0))) / (step === 0 ? 1 : 1_000);
  return intl.formatNumber(value, { style: "unit", unit: UNITS[step] ?? "byte", unitDisplay: "short", maximumFractionDigits: 1 });
}

export function ViewsHealth({ status: { views, parked }, lags }: { status: Status; lags: string[] }) {
  const say = useSay();
  const columns: Column<ViewStatus>[] = [
    {
      key: "name",
      header: say("operate.health.view"),
      isRowHeader: true,
      cell: ({ name }) => (isNamed(name) ? say(`operate.health.view.${name}`) : name),
    },
    { key: "position", header: say("operate.log.position"), align: "end", cell: ({ position }) => groupDigits(position) },
    { key: "lag", header: say("operate.health.lag"), align: "end", cell: ({ lag }) => groupDigits(lag) },
    {
      key: "state",
      header: say("operate.column.state"),
      cell: ({ lag, parked: why }) =>
        why !== null ? (
          <Badge tone="danger">{why}</Badge>
        ) : (
          <Badge tone={lag === "0" ? "good" : "attention"}>{say(lag === "0" ? "operate.health.current" : "operate.health.behind")}</Badge>
        ),
    },
  ];
  return (
    <Section
      title={say("operate.health.views")}
      note={say("operate.health.views.note")}
      actions={lags.length > 1 && <Spark values={lags} label={say("operate.health.lag.spark")} />}
    >
      <div className={styles.gap}>
        {parked.length > 0 && (
          <Notice tone="danger" title={say("operate.health.parked")}>
            <ul>
              {parked.map((why) => (
                <li key={why}>{why}</li>
              ))}
            </ul>
          </Notice>
        )}
        <DataTable caption={say("operate.health.views")} columns={columns} rows={views} rowKey={({ name }) => name} />
      </div>
    </Section>
  );
}

const NAMED = ["views", "hot_state", "keys", "settlement"] as const;

function isNamed(name: string): name is (typeof NAMED)[number] {
  return NAMED.some((each) => each === name);
}

export function UpstreamsHealth({ status: { upstreams } }: { status: Status }) {
  const say = useSay();
  const columns: Column<Upstream>[] = [
    {
      key: "listing",
      header: say("operate.column.listing"),
      isRowHeader: true,
      cell: ({ listing: { id, slug }, address }) => (
        <TwoLines
          first={
            <Link to="/operate/review/$id" params={{ id }}>
              {slug}
            </Link>
          }
          second={<code>{address}</code>}
        />
      ),
    },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "calls", header: say("operate.invoices.calls"), align: "end", cell: ({ calls }) => groupDigits(calls) },
    {
      key: "failures",
      header: say("operate.health.failures"),
      align: "end",
      cell: ({ calls, failures }) => `${groupDigits(failures)} (${rateOf(failures, calls)})`,
    },
    { key: "p50", header: say("operate.health.p50"), align: "end", cell: ({ latencyP50Milliseconds }) => <Latency milliseconds={latencyP50Milliseconds} /> },
    { key: "p99", header: say("operate.health.p99"), align: "end", cell: ({ latencyP99Milliseconds }) => <Latency milliseconds={latencyP99Milliseconds} /> },
  ];
  return (
    <Section title={say("operate.health.upstreams")} note={say("operate.health.upstreams.note")}>
      <DataTable
        caption={say("operate.health.upstreams")}
        columns={columns}
        rows={upstreams}
        rowKey={({ listing }) => listing.id}
        empty={say("operate.health.noUpstreams")}
      />
    </Section>
  );
}

/** Failures of all calls, in hundredths of a percent. */
function rateOf(failures: string, calls: string): string {
  if (compareDecimals(calls, "0") <= 0) return "–";
  const points = ((BigInt(failures) * 10_000n) / BigInt(calls)).toString().padStart(5, "0");
  return formatPercent(`${points.slice(0, -4)}.${points.slice(-4)}`);
}

function Latency({ milliseconds }: { milliseconds: number | null }) {
  return milliseconds === null ? "–" : <Duration milliseconds={milliseconds} />;
}
