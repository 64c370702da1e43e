// One capability: what it does, trying it, who offers it at what price, and how to call it from code.
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { CapabilityPage as Query, type CapabilityPageQuery } from "@/features/capabilities/capability.generated";
import { CapabilityFigures } from "@/features/capabilities/capability-figures";
import { TryIt } from "@/features/capabilities/try-it";
import { useHead } from "@/lib/head";
import { idle } from "@/lib/idle";
import { AreaLanguage } from "@/lib/intl";
import { useApiLanguage } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { EmptyState, Skeleton } from "@/ui/state";
import { NotFound } from "../fallbacks";
import styles from "./page.module.css";

/** What follows below the first screen comes once the page is drawn and the browser has nothing better to do. */
const CapabilityDepth = lazy(async () => {
  await idle();
  return { default: (await import("@/features/capabilities/capability-depth")).CapabilityDepth };
});

const route = getRouteApi("/store/capabilities/$slug");

export function CapabilityPage() {
  const { slug } = route.useParams();
  const [{ data, error }, retry] = useQuery({ query: Query, variables: { slug, language: useApiLanguage() } });
  if (error !== undefined && data === undefined) {
    return (
      <div className={styles.page}>
        <Failure isPage error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      </div>
    );
  }
  if (data === undefined) return <Loading />;
  if (data.capability === null) return <NotFound />;
  return (
    <Suspense fallback={<Loading />}>
      <AreaLanguage area="capability">
        <Found key={slug} capability={data.capability} />
      </AreaLanguage>
    </Suspense>
  );
}

function Loading() {
  return (
    <div className={styles.page}>
      <Skeleton lines={12} />
    </div>
  );
}

type Capability = NonNullable<CapabilityPageQuery["capability"]>;

function Found({ capability }: { capability: Capability }) {
  const intl = useIntl();
  const { contract } = capability;
  const description = contract?.summary ?? intl.formatMessage({ id: "store.capability.noContract" });
  useHead(capability.name, description);
  return (
    <div className={styles.page}>
      <PageHeader
        title={capability.name}
        lead={description}
        breadcrumbs={[
          <Link to="/capabilities">
            <FormattedMessage id="nav.capabilities" />
          </Link>,
          <Link to="/capabilities" search={{ category: capability.category.slug }}>
            {capability.category.name}
          </Link>,
        ]}
      />
      <CapabilityFigures capability={capability} />
      {contract === null || !capability.isAnswered ? (
        <Unanswered hasContract={contract !== null} />
      ) : (
        <Section id="try" title={<FormattedMessage id="store.try.title" />} note={<FormattedMessage id="store.try.lead" />}>
          <TryIt capability={{ ...capability, contract }} />
        </Section>
      )}
      <Suspense fallback={<Skeleton lines={12} />}>
        <CapabilityDepth capability={capability} />
      </Suspense>
    </div>
  );
}

function Unanswered({ hasContract }: { hasContract: boolean }) {
  return (
    <EmptyState
      title={<FormattedMessage id="store.capability.unanswered" />}
      body={<FormattedMessage id={hasContract ? "store.capability.unanswered.contract" : "store.capability.unanswered.none"} />}
      action={
        <Link to="/sell">
          <FormattedMessage id="store.capability.sell" />
        </Link>
      }
    />
  );
}
