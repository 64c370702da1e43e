// One call: what it used and how that is known.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { Needs } from "@/features/accounts/needs";
import { VerifiedReceipt } from "@/features/receipts/receipt-dialog";
import { CallFacts } from "@/features/usage/call-facts";
import { CallUsage } from "@/features/usage/call-usage";
import { Call as CallDocument, type CallQuery } from "@/features/usage/calls.generated";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { Skeleton } from "@/ui/state";

const route = getRouteApi("/usage/calls/$id");

export function Call() {
  return (
    <Needs isPage scope="USAGE_READ">
      <Reading />
    </Needs>
  );
}

function Reading() {
  const say = useSay();
  const { id } = route.useParams();
  const [{ data, error }, reread] = useQuery({ query: CallDocument, variables: { id, language: useApiLanguage() } });
  if (data !== undefined) return <Sections call={data.invocation} />;
  if (error === undefined) return <Skeleton lines={10} />;
  const back = (
    <Link to="/usage/calls" className={buttonClass()}>
      {say("usage.calls.title")}
    </Link>
  );
  return <Failure isPage error={error} onRetry={() => reread({ requestPolicy: "network-only" })} action={back} />;
}

function Sections({ call }: { call: CallQuery["invocation"] }) {
  const say = useSay();
  const name = (call.capability ?? call.listing).name;
  useHead(name);
  return (
    <>
      <PageHeader
        title={<bdi>{name}</bdi>}
        breadcrumbs={[
          <Link key="calls" to="/usage/calls">
            {say("usage.calls.title")}
          </Link>,
        ]}
        actions={
          <Link to="/usage/invoices" search={{ agreement: call.agreement.id }} className={buttonClass()}>
            {say("usage.call.invoices")}
          </Link>
        }
      />
      <Section title={say("usage.call.used")} note={say("usage.call.used.note")}>
        <CallUsage call={call} />
      </Section>
      <Section title={say("usage.call.receipt")} note={say("usage.call.receipt.note")}>
        <VerifiedReceipt id={call.id} />
      </Section>
      <Section title={say(call.kind === "REPORT" ? "usage.call.facts.report" : "usage.call.facts")}>
        <CallFacts call={call} />
      </Section>
    </>
  );
}
