// One event of the log, with the ways to its neighbours.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { EventDetails } from "@/features/log/event-details";
import { OperateEvent } from "@/features/log/operate-log.generated";
import { useHead } from "@/lib/head";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { ErrorState, Skeleton } from "@/ui/state";

const route = getRouteApi("/operate/log/$position");

export function Event() {
  const say = useSay();
  const { position } = route.useParams();
  const isPosition = /^\d{1,18}$/.test(position);
  const [{ data, error }, reread] = useQuery({ query: OperateEvent, variables: { position }, pause: !isPosition });
  const event = data?.logEvent;
  const title = say("operate.log.event", { position: groupDigits(position) });
  useHead(title);
  return (
    <>
      <PageHeader
        title={title}
        lead={event !== undefined && event !== null && <code>{event.kind}</code>}
        breadcrumbs={[
          <Link key="log" to="/operate/log">
            {say("operate.log.title")}
          </Link>,
        ]}
        actions={event !== undefined && event !== null && <Neighbours previous={event.previousPosition} next={event.nextPosition} />}
      />
      {(event === null || !isPosition) && <ErrorState kind="missing" />}
      {isPosition && data === undefined && error === undefined && <Skeleton lines={8} />}
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {event !== undefined && event !== null && <EventDetails event={event} />}
    </>
  );
}

function Neighbours({ previous, next }: { previous: string | null; next: string | null }) {
  const say = useSay();
  return (
    <>
      {previous !== null && (
        <Link to="/operate/log/$position" params={{ position: previous }} className={buttonClass("secondary", "small")}>
          {say("ui.pager.previous")}
        </Link>
      )}
      {next !== null && (
        <Link to="/operate/log/$position" params={{ position: next }} className={buttonClass("secondary", "small")}>
          {say("ui.pager.next")}
        </Link>
      )}
    </>
  );
}
