// The market at a glance: what is in it, what waits for the operator, and the last thirty days.
import { Link, type LinkProps } from "@tanstack/react-router";
import { lazy, Suspense, type ReactNode } from "react";
import { useQuery } from "urql";
import { addDecimals, groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Stat, StatRow } from "@/ui/stat";
import { Skeleton } from "@/ui/state";
import { OperateMarket, type OperateMarketQuery } from "./operate-market.generated";
import styles from "./market-overview.module.css";

const CallsChart = lazy(async () => ({ default: (await import("./calls-chart")).CallsChart }));

export function MarketOverview() {
  const [{ data, error }, reread] = useQuery({ query: OperateMarket });
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={10} /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
  }
  return (
    <>
      <Waiting data={data} />
      <Figures data={data} />
      <Days data={data} />
    </>
  );
}

function Waiting({ data }: { data: OperateMarketQuery }) {
  const say = useSay();
  const { marketOverview: market, endedPeriods, drafts, unpaid, openStatements } = data;
  return (
    <Section title={say("operate.home.waiting")}>
      <ul className={styles.waiting}>
        <Waits count={market.reviewQueue} label={say("operate.home.review")} note={say("operate.home.review.note")} link={{ to: "/operate/review" }} />
        <Waits
          count={endedPeriods.totalCount}
          label={say("operate.home.ended")}
          note={say("operate.home.ended.note")}
          link={{ to: "/operate/periods", search: { ended: "yes" } }}
        />
        <Waits
          count={drafts.totalCount}
          label={say("operate.home.drafts")}
          note={say("operate.home.drafts.note")}
          link={{ to: "/operate/invoices", search: { state: "DRAFT" } }}
        />
        <Waits
          count={unpaid.totalCount}
          label={say("operate.home.unpaid")}
          note={say("operate.home.unpaid.note")}
          link={{ to: "/operate/invoices", search: { state: "ISSUED" } }}
        />
        <Waits
          count={openStatements.totalCount}
          label={say("operate.home.statements")}
          note={say("operate.home.statements.note")}
          link={{ to: "/operate/statements", search: { state: "OPEN" } }}
        />
        <Waits
          count={market.suspendedOrganizations}
          label={say("operate.home.suspended")}
          note={say("operate.home.suspended.note")}
          link={{ to: "/operate/organizations", search: { standing: "suspended" } }}
        />
      </ul>
    </Section>
  );
}

/** One kind of thing that waits, leading to it; nothing waiting is said quietly. */
function Waits({ count, label, note, link }: { count: string; label: string; note: string; link: LinkProps }) {
  return (
    <li className={styles.waits} data-none={count === "0"}>
      <span className={styles.count}>{groupDigits(count)}</span>
      <span className={styles.words}>
        <Link {...link}>{label}</Link>
        <span className={styles.note}>{note}</span>
      </span>
    </li>
  );
}

function Figures({ data: { marketOverview: market } }: { data: OperateMarketQuery }) {
  const say = useSay();
  const listings = (state: string) => market.listings.find((each) => each.state === state)?.count ?? "0";
  const all = addDecimals("0", ...market.listings.map(({ count }) => count));
  return (
    <Section title={say("operate.home.market")}>
      <StatRow>
        <Stat label={say("operate.home.organizations")} value={groupDigits(market.organizations)} note={say("operate.home.suspendedOf", { count: market.suspendedOrganizations })} />
        <Stat label={say("operate.home.published")} value={groupDigits(listings("PUBLISHED"))} note={say("operate.home.listingsOf", { all: groupDigits(all) })} />
        <Stat label={say("operate.home.agreements")} value={groupDigits(market.agreementsInForce)} />
        <Stat label={say("operate.home.calls")} value={<Quantity value={market.totals.calls} />} note={<Classes totals={market.totals} />} />
        <Stat label={say("operate.home.charges")} value={<Charges charges={market.totals.estimatedCharges} />} note={say("operate.home.charges.note")} />
      </StatRow>
    </Section>
  );
}

function Classes({ totals }: { totals: OperateMarketQuery["marketOverview"]["totals"] }): ReactNode {
  const say = useSay();
  return say("operate.home.classes", { free: groupDigits(totals.freeCalls), valueAdded: groupDigits(totals.valueAddedCalls) });
}

function Charges({ charges }: { charges: readonly { currencyCode: string; exact: string }[] }) {
  if (charges.length === 0) return "–";
  return charges.map((charge) => (
    <span key={charge.currencyCode} className={styles.charge}>
      <ExactCharge {...charge} />
    </span>
  ));
}

function Days({ data: { marketOverview: market } }: { data: OperateMarketQuery }) {
  const say = useSay();
  return (
    <Section title={say("operate.home.days")}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <CallsChart days={market.days} period={market.period} />
      </Suspense>
    </Section>
  );
}
