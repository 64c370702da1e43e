// The agreements that the organization holds.
import { getRouteApi, Link } from "@tanstack/react-router";
import { AgreementsCsv, AgreementTable } from "@/features/agreements/agreement-table";
import { AGREEMENT_STATES } from "@/features/agreements/choice";
import type { AgreementState } from "@/gql/types";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { SelectField } from "@/ui/choice-field";
import { PageHeader, Toolbar } from "@/ui/page";

const route = getRouteApi("/usage/agreements");

export function Agreements() {
  const say = useSay();
  useHead(say("usage.agreements.title"));
  const { state, ...paging } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader
        title={say("usage.agreements.title")}
        lead={say("usage.agreements.lead")}
        actions={
          <Link to="/listings" className={buttonClass()}>
            {say("usage.agreements.find")}
          </Link>
        }
      />
      <Toolbar label={say("usage.filters")}>
        <SelectField<AgreementState | "ALL">
          label={say("usage.state")}
          value={state ?? "ALL"}
          onChange={(next) => void navigate({ search: { state: next === "ALL" ? undefined : next, size: paging.size }, resetScroll: false })}
          choices={[
            { value: "ALL", label: say("usage.all") },
            ...AGREEMENT_STATES.map((value) => ({ value, label: say(`ui.state.${value}`) })),
          ]}
        />
        <AgreementsCsv state={state} />
      </Toolbar>
      <AgreementTable state={state} paging={paging} go={(search) => void navigate({ search: { state, ...search }, resetScroll: false })} />
    </>
  );
}
