// The operator console's frame: open to the operator's members, and a way back for everybody else.
import { Link } from "@tanstack/react-router";
import { Suspense } from "react";
import { FormattedMessage } from "react-intl";
import { useQuery } from "urql";
import { useHead } from "@/lib/head";
import { AreaLanguage } from "@/lib/intl";
import { useSay } from "@/lib/say";
import { Viewer } from "@/lib/viewer.generated";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { ForbiddenState } from "@/ui/state";
import { Area } from "../area";
import frame from "../area.module.css";
import { Pending } from "../fallbacks";

export function OperateArea() {
  const [{ data, error }, reread] = useQuery({ query: Viewer });
  if (data?.viewer.isOperator === true) return <Area area="operate" />;
  if (data === undefined && error === undefined) return <Pending />;
  return (
    <Suspense fallback={<Pending />}>
      <AreaLanguage area="operate">
        <div className={frame.alone}>
          {data === undefined && error !== undefined ? (
            <Failure isPage error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />
          ) : (
            <NotOperator />
          )}
        </div>
      </AreaLanguage>
    </Suspense>
  );
}

function NotOperator() {
  const say = useSay();
  useHead(say("operate.title"));
  return (
    <>
      <PageHeader title={say("operate.title")} />
      <ForbiddenState
        roles={[]}
        body={say("operate.forbidden.body")}
        action={
          <Link to="/usage" className={buttonClass()}>
            <FormattedMessage id="operate.forbidden.action" />
          </Link>
        }
      />
    </>
  );
}
