// Gives a member another role.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { useViewer } from "@/lib/viewer";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { fieldError } from "@/ui/form-errors";
import { useToast } from "@/ui/toast";
import { AccountForm } from "./account-form";
import { memberName } from "./member-name";
import { ChangeMemberRole, type MemberRowFragment } from "./members.generated";
import { RoleField } from "./role-field";

export function ChangeRole({ member }: { member: MemberRowFragment }) {
  const say = useSay();
  const name = memberName(member, say);
  const trigger = (
    <Button size="small" variant="quiet" aria-label={say("usage.members.change.title", { name })}>
      {say("usage.members.change")}
    </Button>
  );
  return (
    <Dialog title={say("usage.members.change.title", { name })} trigger={trigger}>
      {(close) => <RoleForm member={member} onChanged={close} />}
    </Dialog>
  );
}

function RoleForm({ member, onChanged }: { member: MemberRowFragment; onChanged: () => void }) {
  const say = useSay();
  const toast = useToast();
  const mayMakeOwners = useViewer()?.member?.role === "OWNER";
  const [role, setRole] = useState(member.role);
  const { run, isPending, errors } = useAct(ChangeMemberRole, (data) => data.changeMemberRole);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    if ((await run({ memberId: member.id, role })) === null) return;
    toast({ title: say("usage.members.changed", { name: memberName(member, say), role: say(`usage.role.${role}`) }) });
    onChanged();
  };
  return (
    <AccountForm
      errors={worded}
      fields={["role"]}
      submitLabel={say("usage.members.change")}
      isPending={isPending}
      isDisabled={role === member.role}
      isPrimary
      onSubmit={submit}
    >
      <RoleField value={role} onChange={setRole} mayMakeOwners={mayMakeOwners} error={fieldError(worded, "role")} />
    </AccountForm>
  );
}
