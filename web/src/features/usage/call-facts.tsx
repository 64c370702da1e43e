// When, under what and by whom a call was made, or reported by its seller.
import { Link } from "@tanstack/react-router";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { Duration } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Instant } from "@/ui/time";
import type { CallQuery } from "./calls.generated";
import { useChoices } from "./use-choices";

export function CallFacts({ call }: { call: CallQuery["invocation"] }) {
  const say = useSay();
  const { nameOf } = useChoices();
  const { id, capability, listing, agreement, requestedAt, settledAt, principal } = call;
  const isReport = call.kind === "REPORT";
  return (
    <KeyValue
      entries={[
        [say("usage.call"), <code key="id">{id}</code>],
        [say("usage.state"), <StatusBadge key="state" state={call.state} />],
        [say("usage.call.kind"), say(isReport ? "usage.call.report" : "usage.call.call")],
        [
          say("usage.capability"),
          capability === null ? null : (
            <Link key="capability" to="/capabilities/$slug" params={{ slug: capability.slug }}>
              {capability.name}
            </Link>
          ),
        ],
        [say("usage.listing"), <bdi key="listing">{listing.name}</bdi>],
        [
          say("usage.agreement"),
          <Link key="agreement" to="/usage/agreements/$id" params={{ id: agreement.id }}>
            <bdi>{agreement.listing.name}</bdi>
          </Link>,
        ],
        [say("usage.seller"), <bdi key="seller">{agreement.seller.name}</bdi>],
        [say(isReport ? "usage.call.usedAt" : "usage.call.requested"), <Instant key="requested" value={requestedAt} format="exact" />],
        isReport
          ? [say("usage.call.reportedAt"), <Instant key="reported" value={settledAt} format="exact" />]
          : [say("usage.call.took"), <Duration key="took" milliseconds={Date.parse(settledAt) - Date.parse(requestedAt)} />],
        [
          say(isReport ? "usage.call.reportedBy" : "usage.caller"),
          principal === null ? null : (
            <Link to="/usage/calls" search={{ principal }}>
              <bdi>{nameOf(principal, call.kind)}</bdi>
            </Link>
          ),
        ],
        [say("usage.priceVersion"), String(call.priceVersion)],
        [say("usage.call.sequence"), groupDigits(call.sequence)],
      ]}
    />
  );
}
