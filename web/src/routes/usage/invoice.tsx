// One invoice, down to the single call, and on paper.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useIntl } from "react-intl";
import { useQuery } from "urql";
import { Needs } from "@/features/accounts/needs";
import { Evidence } from "@/features/invoices/evidence";
import { InvoiceHead } from "@/features/invoices/invoice-head";
import { InvoiceLines } from "@/features/invoices/invoice-lines";
import { OwedInvoice, type OwedInvoiceQuery } from "@/features/invoices/invoices.generated";
import { LinesCsv } from "@/features/invoices/lines-csv";
import { OwedCalls } from "@/features/invoices/owed-calls";
import { useHead } from "@/lib/head";
import { isNegative } from "@/lib/numbers";
import { useApiLanguage, useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { formatPeriod } from "@/ui/time";
import styles from "./invoice.module.css";

const route = getRouteApi("/usage/invoices/$id");

export function Invoice() {
  return (
    <Needs isPage scope="BILLING_READ">
      <Reading />
    </Needs>
  );
}

function Reading() {
  const say = useSay();
  const { id } = route.useParams();
  const [{ data, error }, reread] = useQuery({ query: OwedInvoice, variables: { id, language: useApiLanguage() } });
  if (data !== undefined) return <Sheet invoice={data.invoice} />;
  if (error === undefined) return <Skeleton lines={12} />;
  const back = (
    <Link to="/usage/invoices" className={buttonClass()}>
      {say("usage.invoices.title")}
    </Link>
  );
  return <Failure isPage error={error} onRetry={() => reread({ requestPolicy: "network-only" })} action={back} />;
}

function Sheet({ invoice }: { invoice: OwedInvoiceQuery["invoice"] }) {
  const say = useSay();
  const { locale } = useIntl();
  const title = say("usage.invoices.of", { period: formatPeriod(invoice.period.start, invoice.period.end, locale, invoice.agreement.timeZone) });
  useHead(title);
  return (
    <article className={styles.sheet}>
      <PageHeader
        title={title}
        breadcrumbs={[
          <Link key="invoices" to="/usage/invoices">
            {say("usage.invoices.title")}
          </Link>,
        ]}
        actions={
          <>
            <LinesCsv invoice={invoice} />
            <Button onPress={() => window.print()}>{say("usage.invoices.print")}</Button>
          </>
        }
      />
      <InvoiceHead invoice={invoice} />
      <Standing invoice={invoice} />
      <Section title={say("usage.invoices.lines")} note={say("usage.invoices.lines.note")}>
        <InvoiceLines invoice={invoice} usage={({ kind, number }) => kind !== "FLAT_FEE" && <OwedCalls invoice={invoice.id} number={number} />} />
      </Section>
      <Section title={say("usage.invoices.evidence")} note={say("usage.invoices.evidence.note")}>
        <Evidence ranges={invoice.ranges} />
      </Section>
    </article>
  );
}

/** What is unusual about it, above its lines. */
function Standing({ invoice: { state, total } }: { invoice: OwedInvoiceQuery["invoice"] }) {
  const say = useSay();
  const unusual = state === "DRAFT" ? "draft" : state === "VOID" ? "void" : isNegative(total) ? "credit" : null;
  if (unusual === null) return null;
  return (
    <div className={styles.standing}>
      <Notice tone={unusual === "draft" ? "attention" : "neutral"}>{say(`usage.invoices.${unusual}`)}</Notice>
    </div>
  );
}
