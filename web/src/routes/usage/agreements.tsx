// The agreements that the organization holds.
import { getRouteApi, Link } from "@tanstack/react-router";
import { AgreementsCsv, AgreementTable } from "@/features/agreements/agreement-table";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/usage/agreements");

export function Agreements() {
  const say = useSay();
  useHead(say("usage.agreements.title"));
  const paging = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader
        title={say("usage.agreements.title")}
        lead={say("usage.agreements.lead")}
        actions={
          <>
            <AgreementsCsv />
            <Link to="/listings" className={buttonClass()}>
              {say("usage.agreements.find")}
            </Link>
          </>
        }
      />
      <AgreementTable paging={paging} go={(search) => void navigate({ search, resetScroll: false })} />
    </>
  );
}
