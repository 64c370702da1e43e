// What was agreed, with whom, since when.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { ExactCharge, Money } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Instant, Period } from "@/ui/time";
import type { HeldAgreementQuery } from "./agreements.generated";
import styles from "./agreements.module.css";

export function AgreementFacts({ agreement }: { agreement: HeldAgreementQuery["agreement"] }) {
  const say = useSay();
  const { terms, currentPeriod, estimatedCharge, endsAt, listing } = agreement;
  return (
    <KeyValue
      entries={[
        [say("usage.agreement"), <code key="id">{agreement.id}</code>],
        [say("usage.state"), <StatusBadge key="state" state={agreement.state} />],
        [say("usage.seller"), <bdi key="seller">{agreement.seller.name}</bdi>],
        [say("usage.offer"), <bdi key="offer">{agreement.offer.name}</bdi>],
        [
          say("usage.listing"),
          <Link key="listing" to="/listings/$slug" params={{ slug: listing.slug }}>
            <bdi>{listing.name}</bdi> · {say("usage.listingVersion", { version: agreement.listingVersion })}
          </Link>,
        ],
        [say("usage.licence"), agreement.licence === null ? null : <bdi key="licence">{agreement.licence}</bdi>],
        [say("usage.agreements.since"), <Instant key="since" value={agreement.startsAt} />],
        [say("usage.agreements.until"), endsAt === null ? null : <Instant value={endsAt} />],
        [say("usage.agreements.current"), currentPeriod === null ? null : <Period {...currentPeriod} zone={agreement.timeZone} />],
        [
          say("usage.agreements.charge"),
          estimatedCharge === null ? null : <ExactCharge exact={estimatedCharge} currencyCode={terms.currencyCode} />,
        ],
        [say("usage.terms.flatFee"), terms.flatFee === null ? null : <Money amount={terms.flatFee} currencyCode={terms.currencyCode} />],
        [say("usage.terms.invoiced"), say(`usage.per.${terms.period}`)],
        [say("usage.organization.timeZone"), agreement.timeZone],
        [
          say("usage.capabilities"),
          <span key="capabilities" className={styles.capabilities}>
            {agreement.capabilities.map(({ id, slug, name }) => (
              <Link key={id} to="/capabilities/$slug" params={{ slug }}>
                {name}
              </Link>
            ))}
          </span>,
        ],
      ]}
    />
  );
}
