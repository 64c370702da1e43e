// One agreement: how its allowances stand, what its frozen terms are, what was used, how to end it.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useIntl } from "react-intl";
import { useQuery } from "urql";
import { AgreementUsage } from "@/features/agreements/agreement-usage";
import { HeldAgreement, type HeldAgreementQuery } from "@/features/agreements/agreements.generated";
import { Allowances } from "@/features/agreements/allowances";
import { CancelAgreement } from "@/features/agreements/cancel-agreement";
import { AgreementFacts } from "@/features/agreements/facts";
import { FrozenTerms } from "@/features/agreements/terms";
import { useHead } from "@/lib/head";
import { formatMoney, trimZeros } from "@/lib/numbers";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";

const route = getRouteApi("/usage/agreements/$id");

export function Agreement() {
  const say = useSay();
  const { id } = route.useParams();
  const [{ data, error }, reread] = useQuery({ query: HeldAgreement, variables: { id, language: useApiLanguage() } });
  if (data !== undefined) return <Sections agreement={data.agreement} />;
  if (error === undefined) return <Skeleton lines={12} />;
  const back = (
    <Link to="/usage/agreements" className={buttonClass()}>
      {say("usage.agreements.title")}
    </Link>
  );
  return <Failure isPage error={error} onRetry={() => reread({ requestPolicy: "network-only" })} action={back} />;
}

function Sections({ agreement }: { agreement: HeldAgreementQuery["agreement"] }) {
  const say = useSay();
  const { locale } = useIntl();
  const { id, listing, state, allowance, terms, estimatedCharge } = agreement;
  useHead(listing.name);
  const mayCancel = useMay("AGREEMENTS_WRITE") && state === "IN_FORCE";
  const charge = estimatedCharge === null ? null : formatMoney(trimZeros(estimatedCharge), terms.currencyCode, locale);
  return (
    <>
      <PageHeader
        title={<bdi>{listing.name}</bdi>}
        breadcrumbs={[
          <Link key="agreements" to="/usage/agreements">
            {say("usage.agreements.title")}
          </Link>,
        ]}
        actions={
          <>
            <Link to="/usage/invoices" search={{ agreement: id }} className={buttonClass()}>
              {say("usage.agreements.invoices")}
            </Link>
            {mayCancel && <CancelAgreement id={id} name={listing.name} charge={charge} />}
          </>
        }
      />
      {state === "CANCELLED" && <Notice>{say("usage.agreements.ended")}</Notice>}
      {state === "IN_FORCE" && (
        <Section title={say("usage.agreements.allowance")} note={say("usage.agreements.allowance.note")}>
          <Allowances allowance={allowance} />
        </Section>
      )}
      <Section title={say("usage.terms.title")} note={say("usage.terms.note", { version: agreement.priceVersion })}>
        <FrozenTerms terms={terms} />
      </Section>
      <Section title={say("usage.agreements.usage")}>
        <AgreementUsage usage={agreement.usage} />
      </Section>
      <Section title={say("usage.agreements.facts")}>
        <AgreementFacts agreement={agreement} />
      </Section>
    </>
  );
}
