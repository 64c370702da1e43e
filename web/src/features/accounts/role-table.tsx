// Which role may do what.
import type { MemberRole } from "@/gql/types";
import { useSay } from "@/lib/say";
import { DataTable, type Column } from "@/ui/data-table";
import { Icon } from "@/ui/icons";
import { VisuallyHidden } from "@/ui/visually-hidden";
import { holdersOf, KEY_SCOPES, ROLES, type KeyScope } from "./roles";

export function RoleTable() {
  const say = useSay();
  const columns: Column<KeyScope>[] = [
    { key: "scope", header: say("usage.roles.scope"), isRowHeader: true, cell: (scope) => say(`usage.scope.${scope}.note`) },
    ...ROLES.map((role): Column<KeyScope> => ({ key: role, header: say(`usage.role.${role}`), cell: (scope) => <May role={role} scope={scope} /> })),
  ];
  return <DataTable caption={say("usage.roles.caption")} columns={columns} rows={KEY_SCOPES} rowKey={(scope) => scope} />;
}

function May({ role, scope }: { role: MemberRole; scope: KeyScope }) {
  const say = useSay();
  const may = holdersOf(scope).includes(role);
  return (
    <>
      {may ? <Icon name="check" /> : <span aria-hidden="true">–</span>}
      <VisuallyHidden>{say(may ? "usage.roles.may" : "usage.roles.mayNot")}</VisuallyHidden>
    </>
  );
}
