// The figures of the overview: spent, forecast, calls, which invoices are open.
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useQuery } from "urql";
import { useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { Failure } from "@/ui/failure";
import { Percent, Quantity } from "@/ui/numbers";
import { Stat, StatRow } from "@/ui/stat";
import { GlanceOwed, GlanceSpend } from "./glance.generated";
import { perMille } from "./share";
import { SpendStats } from "./spend";
import type { Totals } from "./series";

interface Props {
  total: Totals;
  zone: string;
  /** Calls heard of since the page was opened: the figures are read anew after them. */
  count: bigint;
}

const REREAD_MS = 2_000;

export function GlanceFigures({ total, zone, count }: Props) {
  const say = useSay();
  const mayRead = useMay("BILLING_READ");
  const [spend, rereadSpend] = useQuery({ query: GlanceSpend });
  const [owed] = useQuery({ query: GlanceOwed, pause: !mayRead });
  useRereading(count, () => rereadSpend({ requestPolicy: "network-only" }));
  if (spend.error !== undefined && spend.data === undefined) {
    return <Failure error={spend.error} onRetry={() => rereadSpend({ requestPolicy: "network-only" })} />;
  }
  return (
    <StatRow>
      {spend.data?.spendForecast.map((forecast) => <SpendStats key={forecast.currencyCode} forecast={forecast} zone={zone} />)}
      {spend.data?.spendForecast.length === 0 && <Stat label={say("usage.spend.month")} value="0" note={say("usage.spend.nothing")} />}
      <Stat
        label={say("usage.glance.calls")}
        value={<Quantity value={total.calls} />}
        note={
          <>
            <Percent ratio={perMille(total.freeCalls, total.calls)} /> {say("ui.class.FREE")} · <Quantity value={total.valueAddedCalls} />{" "}
            {say("ui.class.VALUE_ADDED")}
          </>
        }
      />
      {owed.data !== undefined && (
        <Stat
          label={say("usage.glance.open")}
          value={<Quantity value={owed.data.invoices.totalCount} />}
          note={
            <Link to="/usage/invoices" search={{ state: "ISSUED" }}>
              {say("usage.glance.open.link")}
            </Link>
          }
        />
      )}
    </StatRow>
  );
}

/** Reads anew some time after calls have come in, not for each of them. */
function useRereading(count: bigint, reread: () => void): void {
  const latest = useRef(reread);
  latest.current = reread;
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (count === 0n || pending.current !== undefined) return;
    pending.current = setTimeout(() => {
      pending.current = undefined;
      latest.current();
    }, REREAD_MS);
  }, [count]);
  useEffect(() => () => clearTimeout(pending.current), []);
}
