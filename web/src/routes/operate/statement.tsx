// One statement and its lines.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { IssueStatement } from "@/features/statements/issue-statement";
import { OperateStatementLines } from "@/features/statements/operate-statement-lines";
import { OperateStatement } from "@/features/statements/operate-statements.generated";
import { OrganizationLink, StateWord } from "@/features/operate/parts";
import { useHead } from "@/lib/head";
import { pageArguments } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { Money } from "@/ui/numbers";
import { PageHeader, Section } from "@/ui/page";
import { Stat, StatRow } from "@/ui/stat";
import { Skeleton } from "@/ui/state";
import { Period } from "@/ui/time";

const route = getRouteApi("/operate/statements/$id");

export function Statement() {
  const say = useSay();
  const { id } = route.useParams();
  const paging = route.useSearch();
  const navigate = route.useNavigate();
  const [{ data, error }, reread] = useQuery({ query: OperateStatement, variables: { id, ...pageArguments(paging) } });
  const statement = data?.statement;
  useHead(say("operate.statement"));
  return (
    <>
      <PageHeader
        title={statement === undefined ? say("operate.statement") : <Period {...statement.period} />}
        lead={statement !== undefined && <OrganizationLink organization={statement.seller} />}
        breadcrumbs={[
          <Link key="all" to="/operate/statements">
            {say("operate.statements.title")}
          </Link>,
        ]}
        actions={statement !== undefined && <IssueStatement statement={statement} />}
      />
      {statement === undefined && error === undefined && <Skeleton lines={6} />}
      {statement === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {statement !== undefined && (
        <>
          <StatRow>
            <Stat label={say("operate.column.state")} value={<StateWord state={statement.state} />} />
            <Stat label={say("operate.statements.gross")} value={<Money {...statement.gross} />} />
            <Stat label={say("operate.statements.commission")} value={<Money {...statement.commission} />} />
            <Stat label={say("operate.statements.share")} value={<Money {...statement.share} />} note={say("operate.statements.share.note")} />
          </StatRow>
          <Section title={say("operate.statements.lines")}>
            <OperateStatementLines id={id} paging={paging} go={(next) => void navigate({ search: next })} />
          </Section>
        </>
      )}
    </>
  );
}
