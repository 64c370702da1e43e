// What the platform owes for sales, and how the organization stands with it.
import { getRouteApi } from "@tanstack/react-router";
import { Balances } from "@/features/statements/balances";
import { StatementList } from "@/features/statements/statement-list";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { useMay, useViewer } from "@/lib/viewer";
import { PageHeader } from "@/ui/page";
import { ForbiddenState } from "@/ui/state";

const route = getRouteApi("/sell/statements");

export function StatementsPage() {
  const say = useSay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const viewer = useViewer();
  const mayRead = useMay("BILLING_READ");
  useHead(say("sell.statements.title"));
  if (viewer !== null && !mayRead) return <Forbidden />;
  return (
    <>
      <PageHeader title={say("sell.statements.title")} lead={say("sell.statements.lead")} />
      <Balances />
      <StatementList paging={search} go={(next) => void navigate({ search: next })} />
    </>
  );
}

/** Who may read statements, for those who may not. */
export function Forbidden() {
  const say = useSay();
  return <ForbiddenState isPage roles={[say("sell.role.owner"), say("sell.role.admin"), say("sell.role.finance"), say("sell.role.viewer")]} />;
}
