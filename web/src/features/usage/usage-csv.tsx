// A usage series as a file: a line per group and meter.
import { useSay } from "@/lib/say";
import { CsvButton } from "@/ui/csv-button";
import type { MeterSplit } from "./series";
import type { UsageByQuery } from "./usage.generated";

type Group = UsageByQuery["usage"]["groups"][number];

interface Row {
  group: Group;
  split: MeterSplit | undefined;
}

export function UsageCsv({ groups, by }: { groups: readonly Group[]; by: string }) {
  const say = useSay();
  const rows = groups.flatMap((group): Row[] =>
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
