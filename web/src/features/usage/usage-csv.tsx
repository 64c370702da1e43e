// A usage series as a file: a line per group and meter.
import type { UsageGrouping } from "@/gql/types";
import { useSay } from "@/lib/say";
import { CsvButton } from "@/ui/csv-button";
import { useGroups } from "./group-table";
import type { MeterSplit } from "./series";
import type { UsageByQuery } from "./usage.generated";

type Usage = UsageByQuery["usage"];

interface Row {
  group: Usage["groups"][number];
  split: MeterSplit | undefined;
}

export function UsageCsv({ usage, by }: { usage: Usage; by: UsageGrouping }) {
  const say = useSay();
  const rows = useGroups(usage, by).flatMap((group): Row[] =>
    group.totals.meters.length === 0 ? [{ group, split: undefined }] : group.totals.meters.map((split) => ({ group, split })),
  );
  return (
    <CsvButton<Row>
      filename={`usage-by-${by.toLowerCase()}.csv`}
      size="medium"
      rows={rows}
      columns={[
        { header: say("usage.explore.by"), value: ({ group }) => group.key },
        { header: say("usage.explore.name"), value: ({ group }) => group.label },
        { header: say("usage.calls"), value: ({ group }) => group.totals.calls },
        { header: say("usage.meter"), value: ({ split }) => split?.meter },
        { header: say("ui.class.FREE"), value: ({ split }) => split?.free },
        { header: say("ui.class.VALUE_ADDED"), value: ({ split }) => split?.valueAdded },
        { header: say("usage.calls.charge"), value: ({ group }) => group.totals.estimatedCharges.map(({ currencyCode, exact }) => `${exact} ${currencyCode}`).join(" + ") },
      ]}
    />
  );
}
