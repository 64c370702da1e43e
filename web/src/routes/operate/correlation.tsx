// What followed from one request.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { OperateCorrelation } from "@/features/log/operate-log.generated";
import { Timeline } from "@/features/log/timeline";
import { Id } from "@/features/operate/parts";
import { useHead } from "@/lib/head";
import { pageArguments, pagerProps } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { EmptyState, Skeleton } from "@/ui/state";

const route = getRouteApi("/operate/log/correlations/$id");

export function Correlation() {
  const say = useSay();
  const { id } = route.useParams();
  const paging = route.useSearch();
  const navigate = route.useNavigate();
  const [{ data, error }, reread] = useQuery({ query: OperateCorrelation, variables: { correlation: id, ...pageArguments(paging) } });
  useHead(say("operate.log.correlation.title"));
  return (
    <>
      <PageHeader
        title={say("operate.log.correlation.title")}
        lead={say("operate.log.correlation.lead")}
        breadcrumbs={[
          <Link key="log" to="/operate/log">
            {say("operate.log.title")}
          </Link>,
        ]}
      />
      <Id value={id} />
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {data?.logEvents.totalCount === "0" && <EmptyState title={say("operate.log.correlation.empty")} />}
      {data !== undefined && data.logEvents.totalCount !== "0" && (
        <>
          <Timeline events={data.logEvents.nodes} />
          <Pager {...pagerProps(paging, data.logEvents, (next) => void navigate({ search: next }))} />
        </>
      )}
    </>
  );
}
