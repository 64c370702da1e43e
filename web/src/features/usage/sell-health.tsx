// How the organization's listings answer, as the platform measures it.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { Badge } from "@/ui/badge";
import { CsvButton } from "@/ui/csv-button";
import { DataTable, type Column } from "@/ui/data-table";
import { Failure } from "@/ui/failure";
import { Duration, Percent, Quantity } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { SellHealth, type SellHealthQuery } from "./sell-health.generated";
import { shortened } from "./ratio";

type Node = SellHealthQuery["myListings"]["nodes"][number];
type Row = Node & { health: NonNullable<Node["health"]> };

export function HealthTable() {
  const say = useSay();
  const language = useApiLanguage();
  const mayRead = useMay("STORE_WRITE");
  const [{ data, error }, ask] = useQuery({ query: SellHealth, variables: { language }, pause: !mayRead });
  const columns = useColumns();
  if (!mayRead) return null;
  const rows = (data?.myListings.nodes ?? []).filter((node): node is Row => node.health !== null);
  return (
    <Section title={say("sell.health.title")} note={say("sell.health.note")} actions={<Csv rows={rows} />}>
      {error !== undefined && data === undefined ? (
        <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />
      ) : (
        <DataTable caption={say("sell.health.title")} columns={columns} rows={rows} rowKey={({ id }) => id} isLoading={data === undefined} empty={say("sell.health.none")} />
      )}
    </Section>
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  const latency = (milliseconds: number | null) => (milliseconds === null ? "–" : <Duration milliseconds={milliseconds} />);
  return [
    {
      key: "listing",
      header: say("sell.listings.column.name"),
      isRowHeader: true,
      cell: ({ id, name }) => (
        <Link to="/sell/listings/$id" params={{ id }}>
          <bdi>{name}</bdi>
        </Link>
      ),
    },
    {
      key: "state",
      header: say("sell.health.state"),
      cell: ({ health }) => <Badge tone={health.isAnswering ? "good" : "danger"}>{say(health.isAnswering ? "sell.health.answering" : "sell.health.failing")}</Badge>,
    },
    { key: "calls", header: say("sell.health.calls"), align: "end", cell: ({ health }) => <Quantity value={health.calls} /> },
    { key: "failures", header: say("sell.health.failures"), align: "end", cell: ({ health }) => <Quantity value={health.failures} /> },
    {
      key: "availability",
      header: say("sell.health.availability"),
      align: "end",
      cell: ({ health }) => (health.availability === null ? "–" : <Percent ratio={shortened(health.availability)} />),
    },
    { key: "p50", header: say("sell.health.p50"), align: "end", cell: ({ health }) => latency(health.latencyP50Milliseconds) },
    { key: "p95", header: say("sell.health.p95"), align: "end", cell: ({ health }) => latency(health.latencyP95Milliseconds) },
    { key: "p99", header: say("sell.health.p99"), align: "end", cell: ({ health }) => latency(health.latencyP99Milliseconds) },
  ];
}

function Csv({ rows }: { rows: readonly Row[] }) {
  const say = useSay();
  const whole = (value: number | null) => (value === null ? null : String(value));
  return (
    <CsvButton
      filename="health.csv"
      rows={rows}
      columns={[
        { header: say("sell.listings.column.name"), value: ({ name }) => name },
        { header: say("sell.health.calls"), value: ({ health }) => health.calls },
        { header: say("sell.health.failures"), value: ({ health }) => health.failures },
        { header: say("sell.health.availability"), value: ({ health }) => health.availability },
        { header: `${say("sell.health.p50")}, ms`, value: ({ health }) => whole(health.latencyP50Milliseconds) },
        { header: `${say("sell.health.p95")}, ms`, value: ({ health }) => whole(health.latencyP95Milliseconds) },
        { header: `${say("sell.health.p99")}, ms`, value: ({ health }) => whole(health.latencyP99Milliseconds) },
      ]}
    />
  );
}
