// The way to the first sale as a checklist, each step with the next thing to do.
import { Link } from "@tanstack/react-router";
import { useIntl } from "react-intl";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { Section } from "@/ui/page";
import { Steps, type Step } from "@/ui/steps";
import type { Check, OnItsWay } from "./checklist";

interface Props {
  checks: readonly Check[];
  listing: OnItsWay | null;
}

export function ChecklistView({ checks, listing }: Props) {
  const say = useSay();
  const intl = useIntl();
  const date = listing?.version == null ? "" : intl.formatDate(listing.version.publishedAt, { dateStyle: "medium" });
  const steps = checks.map(
    (check): Step => ({
      id: check.id,
      title: say(`sell.check.${check.id}`),
      state: check.state,
      reason: <bdi>{say(check.reason, { ...check.values, date })}</bdi>,
      action: <Action check={check} listing={listing} />,
    }),
  );
  return (
    <Section title={say("sell.check.title")} note={say("sell.check.note")}>
      <Steps steps={steps} />
    </Section>
  );
}

function Action({ check: { id, state }, listing }: { check: Check; listing: OnItsWay | null }) {
  const label = useSay()(`sell.check.${id}.action`);
  const look = buttonClass(state === "next" ? "primary" : "secondary", "small");
  if (id === "approve") {
    if (state !== "done" || listing === null) return null;
    return (
      <Link to="/listings/$slug" params={{ slug: listing.slug }} className={look}>
        {label}
      </Link>
    );
  }
  if (state === "done" || state === "blocked") return null;
  if (id === "store") {
    return (
      <Link to="/sell/store" className={look}>
        {label}
      </Link>
    );
  }
  if (id === "draft" || listing === null) {
    return (
      <Link to="/sell/listings/new" className={look}>
        {label}
      </Link>
    );
  }
  return (
    <Link
      to={id === "offer" ? "/sell/listings/$id/offers" : "/sell/listings/$id"}
      params={{ id: listing.id }}
      hash={id === "offer" ? "builder" : id === "probe" ? "probe" : "review"}
      className={look}
    >
      {label}
    </Link>
  );
}
