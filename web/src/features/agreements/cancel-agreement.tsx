// Ends an agreement at once, after asking once and saying what it means for money.
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { useToast } from "@/ui/toast";
import { CancelAgreement as CancelAgreementDocument } from "./agreements.generated";

interface Props {
  id: string;
  name: string;
  /** What was used in the running period so far, with its currency. */
  charge: string | null;
}

export function CancelAgreement({ id, name, charge }: Props) {
  const say = useSay();
  const toast = useToast();
  const { run, errors } = useAct(CancelAgreementDocument, (data) => data.cancelAgreement);
  const worded = useRefusals("usage.refusal")(errors);
  const cancel = async () => {
    if ((await run({ agreementId: id })) === null) return false;
    toast({ title: say("usage.cancel.done", { name }), body: say("usage.cancel.done.body") });
    return true;
  };
  return (
    <ConfirmDialog
      title={say("usage.cancel.title", { name })}
      body={
        <>
          <p>{say("usage.cancel.body")}</p>
          <p>{charge === null ? say("usage.cancel.money") : say("usage.cancel.money.charge", { charge })}</p>
          <FormErrors errors={worded} />
        </>
      }
      confirmLabel={say("usage.cancel.act")}
      tone="danger"
      trigger={<Button>{say("usage.cancel.act")}</Button>}
      onConfirm={cancel}
    />
  );
}
