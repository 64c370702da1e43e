// The ledger: the platform's balances, and every entry.
import { getRouteApi } from "@tanstack/react-router";
import { EntryTable } from "@/features/ledger/entry-table";
import { PlatformBalances } from "@/features/ledger/platform-balances";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader, Section } from "@/ui/page";

const route = getRouteApi("/operate/ledger");

export function Ledger() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.ledger.title"));
  return (
    <>
      <PageHeader title={say("operate.ledger.title")} lead={say("operate.ledger.lead")} />
      <Section title={say("operate.ledger.platform")} note={say("operate.balance.note")}>
        <PlatformBalances />
      </Section>
      <Section title={say("operate.ledger.entries")} note={say("operate.ledger.entries.note")}>
        <EntryTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
      </Section>
    </>
  );
}
