// Stopping an organization, which asks once for the reason, and letting it act again, which undoes it.
import { useAct } from "@/lib/act";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { useToast } from "@/ui/toast";
import { AskDialog } from "../operate/ask-dialog";
import { OperateReinstate, OperateSuspend } from "./operate-organizations.generated";

const REASON_LENGTH_MAX = 500;

interface Props {
  organization: { id: string; name: string; suspendedBecause: string | null };
}

export function Suspension({ organization }: Props) {
  return organization.suspendedBecause === null ? <Suspend organization={organization} /> : <Reinstate organization={organization} />;
}

function Suspend({ organization: { id, name } }: Props) {
  const say = useSay();
  const toast = useToast();
  const suspend = useAct(OperateSuspend, (data) => data.suspendOrganization);
  const reinstate = useReinstate();
  const send = async (reason: string, close: () => void) => {
    if ((await suspend.run({ organizationId: id, reason })) === null) return;
    close();
    const undo = { label: say("operate.undo"), onAction: () => void reinstate.run({ id, name }) };
    toast({ title: say("operate.organizations.suspended", { name }), action: undo });
  };
  return (
    <AskDialog
      title={say("operate.organizations.suspend.title", { name })}
      trigger={<Button variant="danger">{say("operate.organizations.suspend")}</Button>}
      field={{
        name: "reason",
        label: say("operate.column.reason"),
        description: say("operate.organizations.suspend.reason.hint"),
        maxLength: REASON_LENGTH_MAX,
        isMultiline: true,
      }}
      submit={{ label: say("operate.organizations.suspend"), variant: "danger" }}
      act={suspend}
      onSend={send}
    >
      {say("operate.organizations.suspend.body")}
    </AskDialog>
  );
}

function Reinstate({ organization }: Props) {
  const say = useSay();
  const { run, isPending } = useReinstate();
  return (
    <Button variant="primary" isPending={isPending} onPress={() => void run(organization)}>
      {say("operate.organizations.reinstate")}
    </Button>
  );
}

/** Lets an organization act again, and says how that went. */
function useReinstate() {
  const say = useSay();
  const toast = useToast();
  const { run: act, isPending } = useAct(OperateReinstate, (data) => data.reinstateOrganization);
  const run = async ({ id, name }: { id: string; name: string }) => {
    const isDone = (await act({ organizationId: id })) !== null;
    const title = say(isDone ? "operate.organizations.reinstated" : "operate.organizations.notReinstated", { name });
    toast({ title, tone: isDone ? "good" : "danger" });
  };
  return { run, isPending };
}
