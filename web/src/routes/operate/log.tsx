// The event log.
import { getRouteApi } from "@tanstack/react-router";
import { LogTable } from "@/features/log/log-table";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/operate/log");

export function Log() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.log.title"));
  return (
    <>
      <PageHeader title={say("operate.log.title")} lead={say("operate.log.lead")} />
      <LogTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
    </>
  );
}
