// Declaring an issued invoice not owed: it can't be undone, so it asks once, for the reason.
import { useAct } from "@/lib/act";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { useToast } from "@/ui/toast";
import { AskDialog } from "../operate/ask-dialog";
import { OperateVoidInvoice, type OperateInvoiceRowFragment } from "./operate-invoices.generated";

const REASON_LENGTH_MAX = 500;

export function VoidInvoice({ invoice: { id, state } }: { invoice: OperateInvoiceRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const voiding = useAct(OperateVoidInvoice, (data) => data.voidInvoice);
  if (state !== "ISSUED") return null;
  const declare = async (reason: string, close: () => void) => {
    if ((await voiding.run({ invoiceId: id, reason })) === null) return;
    toast({ title: say("operate.invoices.voided") });
    close();
  };
  return (
    <AskDialog
      title={say("operate.invoices.void.title")}
      trigger={<Button variant="danger">{say("operate.invoices.void")}</Button>}
      field={{
        name: "reason",
        label: say("operate.column.reason"),
        description: say("operate.invoices.void.hint"),
        maxLength: REASON_LENGTH_MAX,
        isMultiline: true,
      }}
      submit={{ label: say("operate.invoices.void"), variant: "danger" }}
      act={voiding}
      onSend={declare}
    >
      {say("operate.invoices.void.body")}
    </AskDialog>
  );
}
