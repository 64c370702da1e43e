// Members and their roles.
import { getRouteApi } from "@tanstack/react-router";
import { AddMember } from "@/features/accounts/add-member";
import { MemberTable } from "@/features/accounts/member-table";
import { Needs } from "@/features/accounts/needs";
import { RoleTable } from "@/features/accounts/role-table";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { useMay } from "@/lib/viewer";
import { PageHeader, Section } from "@/ui/page";

const route = getRouteApi("/usage/members");

export function Members() {
  const say = useSay();
  useHead(say("usage.members.title"));
  const navigate = route.useNavigate();
  const may = useMay("ORGANIZATION_WRITE");
  return (
    <>
      <PageHeader title={say("usage.members.title")} lead={say("usage.members.lead")} actions={may && <AddMember />} />
      <Needs scope="ORGANIZATION_WRITE">
        <MemberTable choice={route.useSearch()} go={(search) => void navigate({ search: given(search), resetScroll: false })} />
      </Needs>
      <Section title={say("usage.roles.title")}>
        <RoleTable />
      </Section>
    </>
  );
}
