// Stopping an organization, which asks once for the reason, and letting it act again, which undoes it.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
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
  const inWords = useRefusals("operate.refusal");
  const suspend = useAct(OperateSuspend, (data) => data.suspendOrganization);
  const reinstate = useReinstate();
  const [reason, setReason] = useState("");
  const errors = inWords(suspend.errors);
  const send = async (close: () => void) => {
    if ((await suspend.run({ organizationId: id, reason: reason.trim() })) === null) return;
    close();
    const undo = { label: say("operate.undo"), onAction: () => void reinstate.run({ id, name }) };
    toast({ title: say("operate.organizations.suspended", { name }), action: undo });
  };
  return (
    <Dialog title={say("operate.organizations.suspend.title", { name })} trigger={<Button variant="danger">{say("operate.organizations.suspend")}</Button>} onOpenChange={suspend.clear}>
      {(close) => (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void send(close);
          }}
        >
          <p>{say("operate.organizations.suspend.body")}</p>
          <FormErrors errors={errors} shownAtField={["reason"]} />
          <TextField
            label={say("operate.column.reason")}
            description={say("operate.organizations.suspend.reason.hint")}
            value={reason}
            onChange={setReason}
            maxLength={REASON_LENGTH_MAX}
            error={fieldError(errors, "reason")}
            isMultiline
            isRequired
            autoFocus
          />
          <div className={styles.actions}>
            <Button onPress={close}>{say("ui.cancel")}</Button>
            <Button type="submit" variant="danger" isPending={suspend.isPending} isDisabled={reason.trim() === ""}>
              {say("operate.organizations.suspend")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
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
