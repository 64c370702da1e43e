// The last probe of a listing: the contracts' examples, called at its endpoint by the platform.
import { Link } from "@tanstack/react-router";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { useApiLanguage } from "@/lib/say";
import type { MessageId } from "@/messages";
import { Badge } from "@/ui/badge";
import { DataTable } from "@/ui/data-table";
import { Duration } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Instant } from "@/ui/time";
import { PublicProbe as Query, type ProbeResultFragment } from "./probe.generated";

type Probe = ProbeResultFragment;

export function PublicProbe({ slug }: { slug: string }) {
  const [{ data }] = useQuery({ query: Query, variables: { slug, language: useApiLanguage() } });
  const probe = data?.listing?.probe ?? null;
  return probe === null ? null : <Shown probe={probe} />;
}

function Shown({ probe }: { probe: Probe }) {
  const intl = useIntl();
  return (
    <Section
      title={<FormattedMessage id="store.probe.title" />}
      note={<FormattedMessage id="store.probe.note" values={{ at: <Instant value={probe.at} format="relative" /> }} />}
      actions={<Outcome hasPassed={probe.hasPassed} id={probe.hasPassed ? "store.probe.passed" : "store.probe.failed"} />}
    >
      <DataTable
        caption={intl.formatMessage({ id: "store.probe.checks" })}
        rows={probe.checks}
        rowKey={({ capability, example }) => `${capability.slug} ${example}`}
        columns={[
          {
            key: "capability",
            header: intl.formatMessage({ id: "store.search.capability" }),
            isRowHeader: true,
            cell: ({ capability }) => (
              <Link to="/capabilities/$slug" params={{ slug: capability.slug }}>
                {capability.name}
              </Link>
            ),
          },
          {
            key: "example",
            header: intl.formatMessage({ id: "store.probe.example" }),
            align: "end",
            cell: ({ example }) => example + 1,
          },
          {
            key: "outcome",
            header: intl.formatMessage({ id: "store.probe.outcome" }),
            cell: ({ outcome, detail }) => (
              <>
                <Outcome hasPassed={outcome === "PASSED"} id={`store.probe.outcome.${outcome}`} /> {detail !== null && <bdi>{detail}</bdi>}
              </>
            ),
          },
          {
            key: "latency",
            header: intl.formatMessage({ id: "store.probe.time" }),
            align: "end",
            cell: ({ latencyMilliseconds }) => latencyMilliseconds !== null && <Duration milliseconds={latencyMilliseconds} />,
          },
        ]}
      />
    </Section>
  );
}

function Outcome({ hasPassed, id }: { hasPassed: boolean; id: MessageId }) {
  return (
    <Badge tone={hasPassed ? "good" : "danger"}>
      <FormattedMessage id={id} />
    </Badge>
  );
}
