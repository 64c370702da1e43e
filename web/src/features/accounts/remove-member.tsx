// Removes a member after asking once; what is personal is erased with it.
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { useToast } from "@/ui/toast";
import { memberName } from "./member-name";
import { RemoveMember as RemoveMemberDocument, type MemberRowFragment } from "./members.generated";

export function RemoveMember({ member }: { member: MemberRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const name = memberName(member, say);
  const { run, errors } = useAct(RemoveMemberDocument, (data) => data.removeMember, ["Member"]);
  const worded = useRefusals("usage.refusal")(errors);
  const remove = async () => {
    if ((await run({ memberId: member.id })) === null) return false;
    toast({ title: say("usage.members.removed", { name }) });
    return true;
  };
  return (
    <ConfirmDialog
      title={say("usage.members.remove.title", { name })}
      body={
        <>
          <p>{say("usage.members.remove.body")}</p>
          <FormErrors errors={worded} />
        </>
      }
      confirmLabel={say("usage.members.remove")}
      tone="danger"
      trigger={
        <Button size="small" variant="quiet" aria-label={say("usage.members.remove.title", { name })}>
          {say("usage.members.remove")}
        </Button>
      }
      onConfirm={remove}
    />
  );
}
