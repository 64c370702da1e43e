// One statement: what was sold in a month, what the platform keeps, what the provider gets.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { useMonth } from "@/features/statements/month";
import { SellStatement } from "@/features/statements/sell-statements.generated";
import { StatementLines } from "@/features/statements/statement-lines";
import { useHead } from "@/lib/head";
import { pageArguments } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { Money } from "@/ui/numbers";
import { PageHeader } from "@/ui/page";
import { Skeleton } from "@/ui/state";
import { Stat, StatRow } from "@/ui/stat";
import { Instant, Period } from "@/ui/time";
import styles from "@/features/statements/statements.module.css";

const route = getRouteApi("/sell/statements/$id");

export function StatementPage() {
  const say = useSay();
  const month = useMonth();
  const { id } = route.useParams();
  const paging = route.useSearch();
  const navigate = route.useNavigate();
  const language = useApiLanguage();
  const [{ data, error }, ask] = useQuery({ query: SellStatement, variables: { id, language, ...pageArguments(paging) } });
  const statement = data?.statement;
  const title = statement === undefined ? say("sell.statement.title") : say("sell.statement.of", { month: month(statement.period.start), currency: statement.currencyCode });
  useHead(title);
  if (statement === undefined) {
    return error === undefined ? <Skeleton lines={10} /> : <Failure isPage error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />;
  }
  return (
    <>
      <PageHeader
        title={title}
        lead={
          <>
            <StatusBadge state={statement.state} /> <Period {...statement.period} />
            {statement.issuedAt !== null && (
              <>
                {" · "}
                {say("sell.statement.issued")} <Instant value={statement.issuedAt} />
              </>
            )}
          </>
        }
        breadcrumbs={[
          <Link key="statements" to="/sell/statements">
            {say("sell.statements.title")}
          </Link>,
        ]}
      />
      <div className={styles.stack}>
        <StatRow>
          <Stat label={say("sell.statements.gross")} value={<Money {...statement.gross} />} note={say("sell.statement.gross.note")} />
          <Stat label={say("sell.statements.commission")} value={<Money {...statement.commission} />} note={say("sell.statement.commission.note")} />
          <Stat label={say("sell.statements.share")} value={<Money {...statement.share} />} note={say(statement.state === "OPEN" ? "sell.statement.share.open" : "sell.statement.share.issued")} />
        </StatRow>
        <StatementLines statement={statement} paging={paging} go={(next) => void navigate({ search: next })} />
      </div>
    </>
  );
}
