// Booking the payment of the whole total, with the payer's reference.
import { useAct } from "@/lib/act";
import { isNegative } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Money } from "@/ui/numbers";
import { useToast } from "@/ui/toast";
import { AskDialog } from "../operate/ask-dialog";
import { OperatePayInvoice, type OperateInvoiceRowFragment } from "./operate-invoices.generated";

const REFERENCE_LENGTH_MAX = 140;

export function PayInvoice({ invoice: { id, state, total, buyer } }: { invoice: OperateInvoiceRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const pay = useAct(OperatePayInvoice, (data) => data.payInvoice);
  if (state !== "ISSUED" || total === null) return null;
  const book = async (reference: string, close: () => void) => {
    const amount = { amount: total.amount, currencyCode: total.currencyCode };
    if ((await pay.run({ invoiceId: id, amount, reference })) === null) return;
    toast({ title: say("operate.invoices.paid.done"), tone: "good" });
    close();
  };
  return (
    <AskDialog
      title={say("operate.invoices.pay.title")}
      trigger={<Button variant="primary">{say("operate.invoices.pay")}</Button>}
      field={{
        name: "reference",
        label: say("operate.invoices.reference"),
        description: say("operate.invoices.reference.hint"),
        maxLength: REFERENCE_LENGTH_MAX,
      }}
      submit={{ label: say("operate.invoices.pay"), variant: "primary" }}
      act={pay}
      onSend={book}
    >
      {say(isNegative(total) ? "operate.invoices.payBack.body" : "operate.invoices.pay.body", { buyer: buyer.name })} <Money {...total} />
    </AskDialog>
  );
}
