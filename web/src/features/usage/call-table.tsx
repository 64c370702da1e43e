// All calls that a filter lets through, however many: only those in sight are drawn, pages follow the scrolling.
import { useEffect, useMemo } from "react";
import { groupDigits } from "@/lib/numbers";
import { useApiLanguage, useSay } from "@/lib/say";
import { usePages } from "@/lib/use-pages";
import { useZone } from "@/lib/viewer";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/state";
import { VirtualTable } from "@/ui/virtual-table";
import { callFilter, type CallChoice } from "./call-choice";
import { useCallColumns } from "./call-columns";
import { Calls } from "./calls.generated";
import { NoCalls } from "./no-calls";
import styles from "./usage.module.css";

interface Props {
  chosen: CallChoice;
  /** Told how many calls there are in all; null while that is not known. */
  onTotal: (total: number | null) => void;
}

export function CallTable({ chosen, onTotal }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const zone = useZone();
  const filter = useMemo(() => callFilter(chosen, zone), [chosen, zone]);
  const { rows, total, error, isReading, more, restart } = usePages({
    query: Calls,
    variables: (page) => ({ ...page, filter, language }),
    pick: (data) => data.invocations,
    listKey: JSON.stringify([filter, language]),
  });
  useEffect(() => onTotal(total), [onTotal, total]);
  const columns = useCallColumns();
  if (error !== undefined && rows.length === 0) return <Failure error={error} onRetry={restart} />;
  if (isReading) return <Skeleton lines={12} />;
  if (total === 0 && Object.keys(chosen).length === 0) return <NoCalls />;
  return (
    <div className={styles.table}>
      <VirtualTable
        caption={say("usage.calls.title")}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        rowCount={total ?? rows.length}
        onEndReached={more}
        height="min(44rem, 70vh)"
        empty={say("usage.nothingMatches")}
      />
      <p className={styles.count} role="status">
        {say("usage.calls.read", { read: groupDigits(String(rows.length)), total: groupDigits(String(total ?? 0)) })}
      </p>
      {error !== undefined && <Failure error={error} onRetry={more} />}
    </div>
  );
}
