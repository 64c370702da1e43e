// All organizations.
import { getRouteApi } from "@tanstack/react-router";
import { OrganizationTable } from "@/features/organizations/organization-table";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/operate/organizations");

export function Organizations() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.organizations.title"));
  return (
    <>
      <PageHeader title={say("operate.organizations.title")} lead={say("operate.organizations.lead")} />
      <OrganizationTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
    </>
  );
}
