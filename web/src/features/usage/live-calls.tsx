// The newest calls, each on top within moments of its answer.
import { useEffect, useMemo, useRef, useState } from "react";
import { useSay } from "@/lib/say";
import { DataTable } from "@/ui/data-table";
import { VisuallyHidden } from "@/ui/visually-hidden";
import { useCallColumns } from "./call-columns";
import type { CallRowFragment } from "./calls.generated";
import { useChoices } from "./use-choices";
import styles from "./live-calls.module.css";

interface Props {
  calls: readonly CallRowFragment[];
  /** Calls that arrived while the page was open. */
  fresh: readonly CallRowFragment[];
  count: bigint;
}

export function LiveCalls({ calls, fresh, count }: Props) {
  const say = useSay();
  const { principals, reread } = useChoices();
  const known = useMemo(() => new Set(principals.map(({ value }) => value)), [principals]);
  // Whoever calls for the first time has no name here yet.
  const unnamed = fresh.find(({ principal }) => principal !== null && !known.has(principal))?.id;
  useEffect(() => {
    if (unnamed !== undefined) reread();
  }, [unnamed, reread]);
  const freshIds = useMemo(() => new Set(fresh.map(({ id }) => id)), [fresh]);
  const [first, ...others] = useCallColumns();
  const columns =
    first === undefined
      ? others
      : [
          {
            ...first,
            cell: (call: CallRowFragment) => <span className={freshIds.has(call.id) ? styles.fresh : styles.row}>{first.cell(call)}</span>,
          },
          ...others,
        ];
  return (
    <>
      <DataTable
        caption={say("usage.live.table")}
        columns={columns}
        rows={calls}
        rowKey={({ id }) => id}
        isTall
        empty={say("usage.live.empty")}
      />
      <Spoken count={count} />
    </>
  );
}

const QUIET_MS = 4_000;

/** Says how many calls arrived, but not for each of them. */
function Spoken({ count }: { count: bigint }) {
  const say = useSay();
  const [said, setSaid] = useState(count);
  const latest = useRef(count);
  latest.current = count;
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), QUIET_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <VisuallyHidden>
      <span role="status">{said > 0n && say("usage.live.spoken", { count: said.toString() })}</span>
    </VisuallyHidden>
  );
}
