// This period at a glance, and usage as it happens.
import { Link } from "@tanstack/react-router";
import { memo, useEffect, useMemo } from "react";
import { useQuery } from "urql";
import { NoAgreements } from "@/features/agreements/agreement-table";
import { Needs } from "@/features/accounts/needs";
import { ExploreChart } from "@/features/usage/explore-chart";
import { Glance, GlanceUsage } from "@/features/usage/glance.generated";
import { GlanceAllowances } from "@/features/usage/glance-allowances";
import { GlanceFigures } from "@/features/usage/glance-figures";
import { LiveCalls } from "@/features/usage/live-calls";
import { merged } from "@/features/usage/live-usage";
import { useLiveUsage } from "@/features/usage/use-live-usage";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay, useZone } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { LiveDot, Skeleton } from "@/ui/state";

export function Home() {
  const say = useSay();
  useHead(say("usage.title"));
  const mayRead = useMay("USAGE_READ");
  const live = useLiveUsage(mayRead);
  return (
    <>
      <PageHeader title={say("usage.title")} lead={say("usage.glance.lead")} actions={mayRead && <LiveDot state={live.state} />} />
      <Needs scope="USAGE_READ">
        <Sections live={live} />
      </Needs>
    </>
  );
}

/** Calls that come in don't change the month that was read: it is not drawn again for them. */
const MonthChart = memo(ExploreChart);
const CONTEXT = { additionalTypenames: ["Agreement"] };

function Sections({ live }: { live: ReturnType<typeof useLiveUsage> }) {
  const say = useSay();
  const language = useApiLanguage();
  const zone = useZone();
  const [held, rereadHeld] = useQuery({ query: Glance, variables: { language }, context: CONTEXT });
  const [used, rereadUsed] = useQuery({ query: GlanceUsage, variables: { language } });
  const { state, calls, count, allowances } = live;
  useEffect(() => {
    // What was recorded between the first reading and the connection is in neither: once connected, read again.
    if (state === "live") rereadUsed({ requestPolicy: "network-only" });
  }, [state, rereadUsed]);
  const rows = useMemo(() => merged(calls, used.data?.invocations.nodes ?? []), [calls, used.data]);
  const error = held.error ?? used.error;
  if (held.data === undefined || used.data === undefined) {
    if (error === undefined) return <Skeleton lines={14} />;
    return (
      <Failure
        error={error}
        onRetry={() => {
          rereadHeld({ requestPolicy: "network-only" });
          rereadUsed({ requestPolicy: "network-only" });
        }}
      />
    );
  }
  if (held.data.agreements.totalCount === "0") return <NoAgreements />;
  const { month } = used.data;
  return (
    <>
      <GlanceFigures total={month.total} zone={zone} count={count} />
      <Section title={say("usage.glance.allowance")} note={say("usage.agreements.allowance.note")}>
        <GlanceAllowances agreements={held.data.agreements.nodes} latest={allowances} />
      </Section>
      <Section
        title={say("usage.live.title")}
        note={say("usage.live.note")}
        actions={
          <Link to="/usage/calls" className={buttonClass("secondary", "small")}>
            {say("usage.live.all")}
          </Link>
        }
      >
        <LiveCalls calls={rows} fresh={calls} count={count} />
      </Section>
      <Section
        title={say("usage.glance.month")}
        actions={
          <Link to="/usage/explore" className={buttonClass("secondary", "small")}>
            {say("usage.nav.explore")}
          </Link>
        }
      >
        <MonthChart usage={month} by="DAY" measure="CALLS" zone={zone} />
      </Section>
    </>
  );
}
