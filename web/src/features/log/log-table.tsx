// The event log, narrowed by stream, kind, correlation, actor and time.
import { Link } from "@tanstack/react-router";
import type { LogEventFilter, LogOrder } from "@/gql/types";
import { rangeInstants } from "@/lib/date-range";
import { groupDigits } from "@/lib/numbers";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { classNames } from "@/ui/class-names";
import type { Column } from "@/ui/data-table";
import { QueryTable } from "@/ui/query-table";
import { Instant } from "@/ui/time";
import operate from "../operate/operate.module.css";
import { TwoLines } from "../operate/parts";
import { LogFilters } from "./log-filters";
import { OperateLog, type OperateEventHeadFragment } from "./operate-log.generated";

export interface LogChoice extends Paging {
  stream?: string | undefined;
  kind?: string | undefined;
  correlation?: string | undefined;
  actor?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
  order?: LogOrder | undefined;
}

function filterOf({ stream, kind, correlation, actor, from = "", until = "" }: LogChoice, zone: string): LogEventFilter {
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(kind === undefined ? {} : { kind }),
    ...(correlation === undefined ? {} : { correlationId: correlation }),
    ...(actor === undefined ? {} : { actor }),
    ...rangeInstants({ from, until }, zone),
  };
}

export function LogTable({ choice, go }: { choice: LogChoice; go: (choice: LogChoice) => void }) {
  const say = useSay();
  const zone = useZone();
  const { trail: _, ...chosen } = choice;
  const { order = "NEWEST" } = choice;
  return (
    <QueryTable
      query={OperateLog}
      variables={(page) => ({ ...page, filter: filterOf(choice, zone), order })}
      pick={(data) => data.logEvents}
      caption={say("operate.log.title")}
      columns={useColumns()}
      rowKey={({ position }) => position}
      sort={{ key: "position", direction: order === "NEWEST" ? "descending" : "ascending" }}
      onSort={({ direction }) => go({ ...chosen, order: direction === "ascending" ? "OLDEST" : undefined })}
      paging={choice}
      go={(paging) => go({ ...chosen, ...paging })}
      empty={say("operate.log.empty")}
      filters={<LogFilters choice={choice} narrow={(next) => go({ ...chosen, ...next })} onClear={() => go({ size: choice.size, order: choice.order })} />}
      csv={{
        filename: "events.csv",
        columns: [
          { header: say("operate.log.position"), value: ({ position }) => position },
          { header: say("operate.log.ofStream"), value: ({ stream }) => stream },
          { header: say("operate.log.revision"), value: ({ revision }) => revision },
          { header: say("operate.log.kind"), value: ({ kind }) => kind },
          { header: say("operate.log.actor"), value: ({ actor }) => actor },
          { header: say("operate.log.occurredAt"), value: ({ occurredAt }) => occurredAt },
          { header: say("operate.log.correlation"), value: ({ correlationId }) => correlationId },
          { header: say("operate.log.causation"), value: ({ causationId }) => causationId },
          { header: say("operate.log.eventId"), value: ({ id }) => id },
        ],
      }}
    />
  );
}

function useColumns(): Column<OperateEventHeadFragment>[] {
  const say = useSay();
  return [
    {
      key: "position",
      header: say("operate.log.position"),
      isSortable: true,
      isRowHeader: true,
      align: "end",
      cell: ({ position }) => (
        <Link to="/operate/log/$position" params={{ position }}>
          {groupDigits(position)}
        </Link>
      ),
    },
    {
      key: "kind",
      header: say("operate.log.kind"),
      cell: ({ kind, stream, revision }) => (
        <TwoLines first={<code>{kind}</code>} second={<code className={operate.mono}>{`${stream} @ ${groupDigits(revision)}`}</code>} />
      ),
    },
    { key: "actor", header: say("operate.log.actor"), cell: ({ actor }) => <code className={classNames(operate.mono, operate.actor)}>{actor}</code> },
    { key: "occurredAt", header: say("operate.log.occurredAt"), cell: ({ occurredAt }) => <Instant value={occurredAt} /> },
    {
      key: "correlation",
      header: say("operate.log.correlation"),
      cell: ({ correlationId }) => (
        <Link to="/operate/log/correlations/$id" params={{ id: correlationId }} className={operate.mono} title={correlationId}>
          {correlationId.slice(-8)}
        </Link>
      ),
    },
  ];
}
