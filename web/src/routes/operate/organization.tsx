// One organization, and whether it may act.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { OperateOrganization } from "@/features/organizations/operate-organizations.generated";
import { OrganizationAgreements } from "@/features/organizations/organization-agreements";
import { OrganizationFacts, OrganizationMoney, OrganizationStore } from "@/features/organizations/organization-sections";
import { Suspension } from "@/features/organizations/suspension";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { Skeleton } from "@/ui/state";

const route = getRouteApi("/operate/organizations/$id");

export function Organization() {
  const say = useSay();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [{ data, error }, reread] = useQuery({ query: OperateOrganization, variables: { id, language: useApiLanguage() } });
  const organization = data?.organization;
  useHead(organization?.name ?? say("operate.organizations.title"));
  return (
    <>
      <PageHeader
        title={organization === undefined ? say("operate.organization") : <bdi>{organization.name}</bdi>}
        breadcrumbs={[
          <Link key="all" to="/operate/organizations">
            {say("operate.organizations.title")}
          </Link>,
        ]}
        actions={organization !== undefined && !organization.isOperator && <Suspension organization={organization} />}
      />
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {data !== undefined && (
        <>
          <OrganizationFacts organization={data.organization} />
          <OrganizationStore store={data.organization.store} />
          <OrganizationMoney id={id} data={data} />
          <OrganizationAgreements id={id} choice={search} go={(search) => void navigate({ search: given(search), resetScroll: false })} />
        </>
      )}
    </>
  );
}
