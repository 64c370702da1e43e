// Usage by time, capability, agreement, listing, caller and meter, FREE against VALUE_ADDED.
import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "urql";
import { Needs } from "@/features/accounts/needs";
import { exploreVariables, type ExploreChoice } from "@/features/usage/explore-choice";
import { ExploreChart } from "@/features/usage/explore-chart";
import { ExploreFilters } from "@/features/usage/explore-filters";
import { GroupTable, measuresOf } from "@/features/usage/group-table";
import { NoCalls } from "@/features/usage/no-calls";
import { UsageBy, type UsageByQuery } from "@/features/usage/usage.generated";
import { UsageCsv } from "@/features/usage/usage-csv";
import { UsageStats } from "@/features/usage/usage-stats";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SelectField } from "@/ui/choice-field";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import { useMeterNoun } from "@/ui/numbers";

const route = getRouteApi("/usage/explore");

export function Explore() {
  const say = useSay();
  useHead(say("usage.explore.title"));
  return (
    <>
      <PageHeader title={say("usage.explore.title")} lead={say("usage.explore.lead")} />
      <Needs scope="USAGE_READ">
        <Reading />
      </Needs>
    </>
  );
}

function Reading() {
  const chosen = route.useSearch();
  const navigate = route.useNavigate();
  const variables = { ...exploreVariables(chosen, useZone()), language: useApiLanguage() };
  const [{ data, error, stale, fetching }, reread] = useQuery({ query: UsageBy, variables });
  const choose = (search: ExploreChoice) => void navigate({ search, resetScroll: false, replace: true });
  return (
    <>
      <ExploreFilters chosen={chosen} onChange={choose}>
        {data !== undefined && <UsageCsv usage={data.usage} by={variables.by} />}
      </ExploreFilters>
      {error !== undefined && <WrongRange code={error.graphQLErrors[0]?.extensions["code"]} />}
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {data === undefined && error === undefined && <Skeleton lines={14} />}
      {data !== undefined && (
        <div aria-busy={stale || fetching}>
          <Shown usage={data.usage} chosen={chosen} onChoose={choose} />
        </div>
      )}
    </>
  );
}

function WrongRange({ code }: { code: unknown }) {
  const say = useSay();
  return code === "INVALID_INPUT" ? <Notice tone="attention">{say("usage.explore.range")}</Notice> : null;
}

interface ShownProps {
  usage: UsageByQuery["usage"];
  chosen: ExploreChoice;
  onChoose: (chosen: ExploreChoice) => void;
}

function Shown({ usage, chosen, onChoose }: ShownProps) {
  const say = useSay();
  const unit = useMeterNoun();
  const zone = useZone();
  const by = chosen.by ?? "DAY";
  const measures = measuresOf(usage);
  const measure = measures.find((each) => each === chosen.measure) ?? "CALLS";
  if (usage.total.calls === "0" && Object.keys(chosen).length === 0) return <NoCalls />;
  return (
    <>
      <UsageStats total={usage.total} />
      <Section
        title={say(`usage.explore.title.${by}`)}
        actions={
          <SelectField
            label={say("usage.explore.measure")}
            value={measure}
            onChange={(next) => onChoose({ ...chosen, measure: next === "CALLS" ? undefined : next })}
            choices={measures.map((value) => ({ value, label: value === "CALLS" ? say("usage.calls") : unit(value) }))}
          />
        }
      >
        {by === "DAY" || by === "HOUR" ? (
          <ExploreChart usage={usage} by={by} measure={measure} zone={zone} />
        ) : (
          <GroupTable usage={usage} chosen={chosen} by={by} measure={measure} />
        )}
      </Section>
    </>
  );
}
