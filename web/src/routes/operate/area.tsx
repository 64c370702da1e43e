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
import { Area, type AreaLink } from "../area";
import frame from "../area.module.css";
import { Pending } from "../fallbacks";

const LINKS: readonly AreaLink[] = [
  { to: "/operate", label: "operate.nav.home", exact: true },
  { to: "/operate/review", label: "operate.nav.review" },
  { to: "/operate/capabilities", label: "operate.nav.capabilities" },
  { to: "/operate/organizations", label: "operate.nav.organizations" },
  { to: "/operate/periods", label: "operate.nav.periods" },
  { to: "/operate/invoices", label: "operate.nav.invoices" },
  { to: "/operate/statements", label: "operate.nav.statements" },
  { to: "/operate/ledger", label: "operate.nav.ledger" },
  { to: "/operate/settings", label: "operate.nav.settings" },
  { to: "/operate/log", label: "operate.nav.log" },
  { to: "/operate/health", label: "operate.nav.health" },
];

export function OperateArea() {
  const [{ data, error }, reread] = useQuery({ query: Viewer });
  if (data?.viewer.isOperator === true) return <Area area="operate" title="operate.title" links={LINKS} />;
  if (data === undefined && error === undefined) return <Pending />;
  return (
    <Suspense fallback={<Pending />}>
      <AreaLanguage area="operate">
        <div className={frame.alone}>
          {data === undefined && error !== undefined ? (
            <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />
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
