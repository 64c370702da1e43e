// The operator console at a glance.
import { MarketOverview } from "@/features/platform/market-overview";
import { StatusLine } from "@/features/platform/status-line";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

export function Home() {
  const say = useSay();
  useHead(say("operate.home.title"));
  return (
    <>
      <PageHeader title={say("operate.home.title")} lead={say("operate.home.lead")} />
      <StatusLine />
      <MarketOverview />
    </>
  );
}
