// How a call reads in a row.
import { Link } from "@tanstack/react-router";
import { ReceiptDialog } from "@/features/receipts/receipt-dialog";
import type { UsageClass } from "@/gql/types";
import { useSay } from "@/lib/say";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { Instant } from "@/ui/time";
import type { VirtualColumn } from "@/ui/virtual-table";
import type { CallRowFragment } from "./calls.generated";
import { useChoices } from "./use-choices";
import styles from "./usage.module.css";

/** The columns of a table of calls, as their buyer reads them. */
export function useCallColumns(): VirtualColumn<CallRowFragment>[] {
  const say = useSay();
  const { nameOf } = useChoices();
  return [
    {
      key: "at",
      header: say("usage.calls.at"),
      width: "minmax(11rem, 0.8fr)",
      isRowHeader: true,
      cell: ({ id, requestedAt }) => (
        <Link to="/usage/calls/$id" params={{ id }}>
          <Instant value={requestedAt} format="precise" />
        </Link>
      ),
    },
    {
      key: "capability",
      header: say("usage.capability"),
      width: "minmax(9.5rem, 1.2fr)",
      cell: ({ capability }) =>
        capability === null ? (
          say("usage.call.report")
        ) : (
          <span title={`${capability.name} (${capability.slug})`}>
            <bdi>{capability.name}</bdi>
          </span>
        ),
    },
    {
      key: "listing",
      header: say("usage.listing"),
      width: "minmax(8rem, 1fr)",
      cell: ({ listing: { name } }) => (
        <span title={name}>
          <bdi>{name}</bdi>
        </span>
      ),
    },
    { key: "free", header: say("ui.class.FREE"), width: "minmax(8.25rem, 0.7fr)", align: "end", cell: (call) => <Used call={call} of="FREE" /> },
    {
      key: "valueAdded",
      header: say("ui.class.VALUE_ADDED"),
      width: "minmax(8.25rem, 0.7fr)",
      align: "end",
      cell: (call) => <Used call={call} of="VALUE_ADDED" />,
    },
    {
      key: "charge",
      header: say("usage.calls.estimate"),
      width: "minmax(6.5rem, 0.6fr)",
      align: "end",
      cell: ({ estimatedCharge, currencyCode }) => <ExactCharge exact={estimatedCharge} currencyCode={currencyCode} />,
    },
    {
      key: "principal",
      header: say("usage.caller"),
      width: "minmax(9.5rem, 0.7fr)",
      cell: ({ principal, kind }) =>
        principal === null ? (
          "–"
        ) : (
          <span title={principal}>
            <bdi>{nameOf(principal, kind)}</bdi>
          </span>
        ),
    },
    {
      key: "receipt",
      header: say("ui.receipt"),
      width: "minmax(5.5rem, 0.4fr)",
      cell: ({ id }) => <ReceiptDialog id={id} of={id} />,
    },
  ];
}

function Used({ call, of }: { call: CallRowFragment; of: UsageClass }) {
  const lines = call.usage.filter((line) => line.class === of && line.quantity !== "0");
  if (lines.length === 0) return <span className={styles.none}>–</span>;
  return lines.map(({ meter, quantity }) => (
    <span key={meter} className={styles.used}>
      <Quantity value={quantity} meter={meter} />
    </span>
  ));
}
