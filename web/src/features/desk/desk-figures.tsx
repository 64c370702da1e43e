// The desk at a glance: use in the last 30 days, agreements, what the running month has brought.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { Money, Quantity } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Spark } from "@/ui/spark";
import { Stat, StatRow } from "@/ui/stat";
import { useMonth } from "../statements/month";
import styles from "./desk.module.css";
import { SellDeskOwed, SellDeskUsage } from "./sell-desk.generated";

const DAYS_30_MS = 30 * 86_400_000;

export function DeskFigures({ published, listings }: { published: number; listings: string }) {
  const say = useSay();
  return (
    <Section title={say("sell.home.figures")}>
      <StatRow>
        <Used />
        <Owed />
        <Stat
          label={say("sell.home.listings")}
          value={
            <Link to="/sell/listings" className={styles.figure}>
              <Quantity value={listings} />
            </Link>
          }
          note={say("sell.home.listings.note", { count: published })}
        />
      </StatRow>
    </Section>
  );
}

function Used() {
  const say = useSay();
  const mayRead = useMay("USAGE_READ");
  const [from] = useState(() => new Date(Date.now() - DAYS_30_MS).toISOString());
  const [{ data, error }] = useQuery({ query: SellDeskUsage, variables: { from }, pause: !mayRead });
  const unread = error === undefined ? "…" : "–";
  if (!mayRead) return null;
  const total = data?.usage.total;
  const days = data?.usage.groups.map(({ totals }) => totals.calls) ?? [];
  return (
    <>
      <Stat
        label={say("sell.home.calls")}
        value={total === undefined ? unread : <Quantity value={total.calls} />}
        note={
          <>
            {total !== undefined && say("sell.analytics.split", { free: groupDigits(total.freeCalls), valueAdded: groupDigits(total.valueAddedCalls) })}
            {days.length > 1 && <Spark values={days} label={say("sell.analytics.callsByDay")} />}
          </>
        }
      />
      <Stat
        label={say("sell.home.agreements")}
        value={data === undefined ? unread : <Quantity value={data.agreements.totalCount} />}
        note={say("sell.home.agreements.note")}
      />
    </>
  );
}

function Owed() {
  const say = useSay();
  const month = useMonth();
  const mayRead = useMay("BILLING_READ");
  const [{ data }] = useQuery({ query: SellDeskOwed, pause: !mayRead });
  if (!mayRead) return null;
  const open = (data?.statements.nodes ?? []).filter(({ state }) => state === "OPEN");
  if (open.length === 0) {
    const now = month(new Date().toISOString());
    return <Stat label={say("sell.home.owed", { month: now })} value={data === undefined ? "…" : "–"} note={say("sell.home.owed.none")} />;
  }
  return open.map(({ id, period, share }) => (
    <Stat
      key={id}
      label={say("sell.home.owed", { month: month(period.start) })}
      value={
        <Link to="/sell/statements/$id" params={{ id }} className={styles.figure}>
          <Money {...share} />
        </Link>
      }
      note={say("sell.home.owed.note")}
    />
  ));
}
