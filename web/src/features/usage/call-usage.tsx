// What one call used: a line per meter and class, with its estimated charge and how the quantity is known.
import { useSay } from "@/lib/say";
import { ClassBadge } from "@/ui/badge";
import { DataTable } from "@/ui/data-table";
import { ExactCharge, Quantity, useMeterNoun } from "@/ui/numbers";
import type { CallQuery } from "./calls.generated";

export function CallUsage({ call }: { call: CallQuery["invocation"] }) {
  const say = useSay();
  const unit = useMeterNoun();
  const { usage, currencyCode, estimatedCharge } = call;
  return (
    <DataTable
      caption={say("usage.call.lines")}
      rows={usage}
      rowKey={(line) => `${line.meter} ${line.class}`}
      columns={[
        { key: "meter", header: say("usage.meter"), isRowHeader: true, cell: ({ meter }) => unit(meter), footer: say("usage.sum") },
        { key: "class", header: say("usage.class"), cell: (line) => <ClassBadge value={line.class} /> },
        { key: "quantity", header: say("usage.quantity"), align: "end", cell: ({ meter, quantity }) => <Quantity value={quantity} meter={meter} /> },
        { key: "basis", header: say("usage.basis"), cell: ({ basis }) => say(`usage.basis.${basis}`) },
        {
          key: "charge",
          header: say("usage.calls.charge"),
          align: "end",
          cell: (line) => <ExactCharge exact={line.estimatedCharge} currencyCode={currencyCode} />,
          footer: <ExactCharge exact={estimatedCharge} currencyCode={currencyCode} />,
        },
      ]}
    />
  );
}
