// The agreements that the organization holds.
import { getRouteApi, Link } from "@tanstack/react-router";
import { AgreementTable } from "@/features/agreements/agreement-table";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { PageHeader } from "@/ui/page";

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
      <AgreementTable
        state={state}
        onChange={(choice) => void navigate({ search: { ...choice, size: paging.size }, resetScroll: false })}
        paging={paging}
        go={(search) => void navigate({ search: { state, ...search }, resetScroll: false })}
      />
    </>
  );
}
