// The probe of a model's endpoint: every example of every contract, called as a buyer's call would be.
import { useQuery } from "urql";
import { useAct } from "@/lib/act";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CsvButton } from "@/ui/csv-button";
import { DataTable, type Column } from "@/ui/data-table";
import { Failure } from "@/ui/failure";
import { FormErrors } from "@/ui/form-errors";
import { Duration } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";
import { useToast } from "@/ui/toast";
import desk from "../desk/desk.module.css";
import { useDeskRefusals } from "../desk/refusals";
import { ListingProbe as Query, ProbeListing, type ProbeResultFragment } from "./probe.generated";

type Check = ProbeResultFragment["checks"][number];

/** A capability without a contract has nothing to call, which speaks against nobody. */
const FINE: readonly Check["outcome"][] = ["PASSED", "NO_CONTRACT"];

interface Props {
  listing: { id: string; slug: string; updatedAt: string };
  isReadOnly: boolean;
}

/** A listing that was never probed has no probe in its answer: the first one must still ask anew. */
const CONTEXT = { additionalTypenames: ["Probe"] };

export function ListingProbe({ listing, isReadOnly }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const toast = useToast();
  const [{ data, error }, ask] = useQuery({ query: Query, variables: { id: listing.id, language }, context: CONTEXT });
  const { run, errors, isPending } = useAct(ProbeListing, (answer) => answer.probeListing);
  const refused = useDeskRefusals(errors);
  const node = data?.node;
  const probe = node != null && "probe" in node ? (node.probe ?? null) : null;
  const start = async () => {
    const answer = await run({ listingId: listing.id });
    if (answer?.probe == null) return;
    const { hasPassed } = answer.probe;
    toast({ title: say(hasPassed ? "sell.probe.passed" : "sell.probe.failed"), tone: hasPassed ? "good" : "danger" });
  };
  return (
    <Section
      id="probe"
      title={say("sell.probe.title")}
      note={say("sell.probe.note")}
      actions={
        !isReadOnly && (
          <Button isPending={isPending} onPress={() => void start()}>
            {say(probe === null ? "sell.probe.start" : "sell.probe.again")}
          </Button>
        )
      }
    >
      <div className={desk.stack}>
        <FormErrors errors={refused} />
        {isPending && <p role="status">{say("sell.probe.running")}</p>}
        {error !== undefined && data === undefined && <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />}
        {data === undefined && error === undefined && <Skeleton lines={3} />}
        {data !== undefined && probe === null && <Notice>{say("sell.probe.none")}</Notice>}
        {probe !== null && probe.at < listing.updatedAt && <Notice tone="attention">{say("sell.probe.older")}</Notice>}
        {probe !== null && <Outcome probe={probe} slug={listing.slug} />}
      </div>
    </Section>
  );
}

function Outcome({ probe, slug }: { probe: ProbeResultFragment; slug: string }) {
  const say = useSay();
  const { hasPassed, checks, at } = probe;
  const failed = checks.filter(({ outcome }) => !FINE.includes(outcome)).length;
  return (
    <>
      <Notice
        tone={hasPassed ? "good" : "danger"}
        title={hasPassed ? say("sell.probe.allPassed", { total: checks.length }) : say("sell.probe.someFailed", { failed, total: checks.length })}
      >
        {say("sell.probe.at")} <Instant value={at} /> · {say(hasPassed ? "sell.probe.allPassed.body" : "sell.probe.someFailed.body")}
      </Notice>
      <DataTable
        caption={say("sell.probe.title")}
        isTall={checks.length > 12}
        columns={useColumns()}
        rows={checks}
        rowKey={({ capability, example }) => `${capability.id} ${example}`}
      />
      <div>
        <CsvButton<Check>
          filename={`probe-${slug}.csv`}
          rows={checks}
          columns={[
            { header: say("sell.calls.capability"), value: ({ capability }) => capability.slug },
            { header: say("sell.probe.example"), value: ({ example }) => String(example + 1) },
            { header: say("sell.probe.outcome"), value: ({ outcome }) => outcome },
            { header: say("sell.probe.latencyMs"), value: ({ latencyMilliseconds }) => (latencyMilliseconds === null ? null : String(latencyMilliseconds)) },
            { header: say("sell.probe.detail"), value: ({ detail }) => detail },
          ]}
        />
      </div>
    </>
  );
}

function useColumns(): Column<Check>[] {
  const say = useSay();
  return [
    { key: "capability", header: say("sell.calls.capability"), isRowHeader: true, cell: ({ capability }) => <bdi>{capability.name}</bdi> },
    { key: "example", header: say("sell.probe.example"), align: "end", cell: ({ example }) => example + 1 },
    {
      key: "outcome",
      header: say("sell.probe.outcome"),
      cell: ({ outcome }) => <Badge tone={outcome === "PASSED" ? "good" : outcome === "NO_CONTRACT" ? "attention" : "danger"}>{say(`sell.probe.${outcome}`)}</Badge>,
    },
    {
      key: "latency",
      header: say("sell.probe.latency"),
      align: "end",
      cell: ({ latencyMilliseconds }) => (latencyMilliseconds === null ? "–" : <Duration milliseconds={latencyMilliseconds} />),
    },
    { key: "detail", header: say("sell.probe.detail"), cell: ({ detail }) => <bdi>{detail ?? "–"}</bdi> },
  ];
}
