// Periods: what has ended and waits to be closed, and what still runs.
import { getRouteApi } from "@tanstack/react-router";
import { EndedPeriods } from "@/features/periods/ended-periods";
import { PeriodTable } from "@/features/periods/period-table";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader, Section } from "@/ui/page";

const route = getRouteApi("/operate/periods");

export function Periods() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.periods.title"));
  return (
    <>
      <PageHeader title={say("operate.periods.title")} lead={say("operate.periods.lead")} />
      <Section title={say("operate.periods.waiting")}>
        <EndedPeriods />
      </Section>
      <Section title={say("operate.periods.open")}>
        <PeriodTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
      </Section>
    </>
  );
}
