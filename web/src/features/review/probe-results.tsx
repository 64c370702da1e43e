// What came of running the contract's examples against the listing's endpoint, and running them again.
import { useQuery } from "urql";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable, type Column } from "@/ui/data-table";
import { Failure } from "@/ui/failure";
import { FormErrors } from "@/ui/form-errors";
import { Duration } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";
import { useToast } from "@/ui/toast";
import { ListingProbe, ProbeListing, type ProbeResultFragment } from "../listings/probe.generated";
import styles from "../operate/operate.module.css";
import { TwoLines } from "../operate/parts";

type Check = ProbeResultFragment["checks"][number];

export function ProbeResults({ listingId }: { listingId: string }) {
  const say = useSay();
  const language = useApiLanguage();
  const [{ data, error }, reread] = useQuery({ query: ListingProbe, variables: { id: listingId, language } });
  const refresh = () => reread({ requestPolicy: "network-only" });
  const probe = data?.node?.__typename === "Listing" ? data.node.probe : null;
  return (
    <Section title={say("operate.probe.title")} note={say("operate.probe.note")} actions={<ProbeAgain listingId={listingId} onDone={refresh} />}>
      {data === undefined && error !== undefined && <Failure error={error} onRetry={refresh} />}
      {data === undefined && error === undefined && <Skeleton />}
      {data !== undefined && probe === null && (
        <Notice tone="attention" title={say("operate.probe.none")}>
          {say("operate.probe.none.body")}
        </Notice>
      )}
      {probe !== null && <Results probe={probe} />}
    </Section>
  );
}

function Results({ probe }: { probe: ProbeResultFragment }) {
  const say = useSay();
  return (
    <div className={styles.gap}>
      <p className={styles.row}>
        <Badge tone={probe.hasPassed ? "good" : "danger"}>{say(probe.hasPassed ? "operate.probe.passed" : "operate.probe.failed")}</Badge>
        <Instant value={probe.at} />
      </p>
      <DataTable caption={say("operate.probe.title")} columns={useColumns()} rows={probe.checks} rowKey={({ capability, example }) => `${capability.slug} ${example}`} />
    </div>
  );
}

function useColumns(): Column<Check>[] {
  const say = useSay();
  return [
    {
      key: "capability",
      header: say("operate.column.capability"),
      isRowHeader: true,
      cell: ({ capability }) => <TwoLines first={capability.name} second={capability.slug} />,
    },
    { key: "example", header: say("operate.probe.example"), align: "end", cell: ({ example }) => example + 1 },
    {
      key: "outcome",
      header: say("operate.probe.outcome"),
      cell: ({ outcome, detail }) => (
        <TwoLines
          first={<Badge tone={outcome === "PASSED" ? "good" : "danger"}>{say(`operate.probe.outcome.${outcome}`)}</Badge>}
          second={detail}
        />
      ),
    },
    {
      key: "latency",
      header: say("operate.probe.latency"),
      align: "end",
      cell: ({ latencyMilliseconds }) => (latencyMilliseconds === null ? "–" : <Duration milliseconds={latencyMilliseconds} />),
    },
  ];
}

function ProbeAgain({ listingId, onDone }: { listingId: string; onDone: () => void }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, isPending, errors } = useAct(ProbeListing, (data) => data.probeListing);
  const probe = async () => {
    const answer = await run({ listingId });
    if (answer === null) return;
    const hasPassed = answer.probe?.hasPassed === true;
    toast({ title: say(hasPassed ? "operate.probe.passed" : "operate.probe.failed"), tone: hasPassed ? "good" : "danger" });
    onDone();
  };
  return (
    <>
      <FormErrors errors={inWords(errors)} />
      <Button size="small" isPending={isPending} onPress={() => void probe()}>
        {say("operate.probe.run")}
      </Button>
    </>
  );
}
