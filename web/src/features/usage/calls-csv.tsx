// Every call that a filter lets through as a file, a line per meter and class.
import { useClient } from "urql";
import { readAll } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { CsvButton } from "@/ui/csv-button";
import { callFilter, type CallChoice } from "./call-choice";
import { Calls, type CallRowFragment } from "./calls.generated";

interface UsageLine {
  call: CallRowFragment;
  line: CallRowFragment["usage"][number] | undefined;
}

interface Props {
  chosen: CallChoice;
  /** How many calls there are; undefined until that is known. */
  total: string | undefined;
}

export function CallsCsv({ chosen, total }: Props) {
  const say = useSay();
  const client = useClient();
  const language = useApiLanguage();
  const filter = callFilter(chosen, useZone());
  const fetchAll = async (report: (done: number, total: number) => void) => {
    const calls = await readAll({
      client,
      query: Calls,
      variables: (page) => ({ ...page, filter, language }),
      pick: (data) => data.invocations,
      report,
    });
    return calls.flatMap((call): UsageLine[] => (call.usage.length === 0 ? [{ call, line: undefined }] : call.usage.map((line) => ({ call, line }))));
  };
  return (
    <CsvButton<UsageLine>
      filename="calls.csv"
      size="medium"
      total={total}
      fetchAll={fetchAll}
      columns={[
        { header: say("usage.call"), value: ({ call }) => call.id },
        { header: say("usage.call.kind"), value: ({ call }) => call.kind },
        { header: say("usage.calls.at"), value: ({ call }) => call.requestedAt },
        { header: say("usage.capability"), value: ({ call }) => call.capability?.slug },
        { header: say("usage.listing"), value: ({ call }) => call.listing.name },
        { header: say("usage.meter"), value: ({ line }) => line?.meter },
        { header: say("usage.class"), value: ({ line }) => line?.class },
        { header: say("usage.quantity"), value: ({ line }) => line?.quantity },
        { header: say("usage.calls.charge"), value: ({ call, line }) => line?.estimatedCharge ?? call.estimatedCharge },
        { header: say("usage.currency"), value: ({ call }) => call.currencyCode },
        { header: say("usage.caller"), value: ({ call }) => call.principal },
      ]}
    />
  );
}
