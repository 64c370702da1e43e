// The single calls of an invoice's period, as the seller delivered them.
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { ClassBadge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { ExactCharge, Quantity } from "@/ui/numbers";
import { QuerySection } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { SellCalls, type SellCallsQuery, type SellCallsQueryVariables } from "./sell-statements.generated";
import styles from "./statements.module.css";

type Row = SellCallsQuery["invocations"]["nodes"][number];

interface Props {
  filter: NonNullable<SellCallsQueryVariables["filter"]>;
  filename: string;
  paging: Paging;
  go: (paging: Paging) => void;
}

export function SaleCalls({ filter, filename, paging, go }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  return (
    <QuerySection
      query={SellCalls}
      variables={(page) => ({ filter, language, ...page })}
      pick={({ invocations }) => invocations}
      caption={say("sell.calls.title")}
      note={say("sell.calls.note")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      nothing={<EmptyState title={say("sell.calls.empty")} />}
      csv={{
        filename,
        columns: [
          { header: say("sell.calls.at"), value: ({ requestedAt }) => requestedAt },
          { header: say("sell.calls.id"), value: ({ id }) => id },
          { header: say("sell.calls.capability"), value: ({ capability }) => capability?.name },
          { header: say("sell.calls.usage"), value: ({ usage }) => usage.map((each) => `${each.quantity} ${each.meter} ${each.class}`).join("; ") },
          { header: say("sell.calls.charge"), value: ({ estimatedCharge }) => estimatedCharge },
          { header: say("sell.statements.currency"), value: ({ currencyCode }) => currencyCode },
        ],
      }}
    />
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  return [
    { key: "at", header: say("sell.calls.at"), isRowHeader: true, cell: ({ requestedAt }) => <Instant value={requestedAt} /> },
    { key: "capability", header: say("sell.calls.capability"), cell: ({ capability }) => <bdi>{capability?.name}</bdi> },
    {
      key: "usage",
      header: say("sell.calls.usage"),
      cell: ({ usage }) => (
        <ul className={styles.steps}>
          {usage.map((each) => (
            <li key={`${each.meter} ${each.class}`}>
              <Quantity value={each.quantity} meter={each.meter} /> <ClassBadge value={each.class} />
            </li>
          ))}
        </ul>
      ),
    },
    { key: "charge", header: say("sell.calls.charge"), align: "end", cell: ({ estimatedCharge, currencyCode }) => <ExactCharge exact={estimatedCharge} currencyCode={currencyCode} /> },
  ];
}
