// Booking the payment of the whole total, with the payer's reference.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { Money } from "@/ui/numbers";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import { OperatePayInvoice, type OperateInvoiceRowFragment } from "./operate-invoices.generated";

const REFERENCE_LENGTH_MAX = 140;

export function PayInvoice({ invoice: { id, state, total, buyer } }: { invoice: OperateInvoiceRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending, clear } = useAct(OperatePayInvoice, (data) => data.payInvoice);
  const [reference, setReference] = useState("");
  if (state !== "ISSUED" || total === null) return null;
  const words = inWords(errors);
  const book = async (close: () => void) => {
    const amount = { amount: total.amount, currencyCode: total.currencyCode };
    if ((await run({ invoiceId: id, amount, reference: reference.trim() })) === null) return;
    toast({ title: say("operate.invoices.paid.done"), tone: "good" });
    close();
  };
  return (
    <Dialog title={say("operate.invoices.pay.title")} trigger={<Button variant="primary">{say("operate.invoices.pay")}</Button>} onOpenChange={clear}>
      {(close) => (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void book(close);
          }}
        >
          <p>
            {say("operate.invoices.pay.body", { buyer: buyer.name })} <Money {...total} />
          </p>
          <FormErrors errors={words} shownAtField={["reference"]} />
          <TextField
            label={say("operate.invoices.reference")}
            description={say("operate.invoices.reference.hint")}
            value={reference}
            onChange={setReference}
            maxLength={REFERENCE_LENGTH_MAX}
            error={fieldError(words, "reference")}
            isRequired
            autoFocus
          />
          <div className={styles.actions}>
            <Button onPress={close}>{say("ui.cancel")}</Button>
            <Button type="submit" variant="primary" isPending={isPending} isDisabled={reference.trim() === ""}>
              {say("operate.invoices.pay")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
