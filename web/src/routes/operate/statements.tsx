// What is owed to providers.
import { getRouteApi } from "@tanstack/react-router";
import { OperateStatementTable } from "@/features/statements/operate-statement-table";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/operate/statements");

export function Statements() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.statements.title"));
  return (
    <>
      <PageHeader title={say("operate.statements.title")} lead={say("operate.statements.lead")} />
      <OperateStatementTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
    </>
  );
}
