// Declaring an issued invoice not owed: it can't be undone, so it asks once, for the reason.
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
import { OperateVoidInvoice, type OperateInvoiceRowFragment } from "./operate-invoices.generated";

const REASON_LENGTH_MAX = 500;

export function VoidInvoice({ invoice: { id, state } }: { invoice: OperateInvoiceRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending, clear } = useAct(OperateVoidInvoice, (data) => data.voidInvoice);
  const [reason, setReason] = useState("");
  if (state !== "ISSUED") return null;
  const words = inWords(errors);
  const declare = async (close: () => void) => {
    if ((await run({ invoiceId: id, reason: reason.trim() })) === null) return;
    toast({ title: say("operate.invoices.voided") });
    close();
  };
  return (
    <Dialog title={say("operate.invoices.void.title")} trigger={<Button variant="danger">{say("operate.invoices.void")}</Button>} onOpenChange={clear}>
      {(close) => (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void declare(close);
          }}
        >
          <p>{say("operate.invoices.void.body")}</p>
          <FormErrors errors={words} shownAtField={["reason"]} />
          <TextField
            label={say("operate.column.reason")}
            description={say("operate.invoices.void.hint")}
            value={reason}
            onChange={setReason}
            maxLength={REASON_LENGTH_MAX}
            error={fieldError(words, "reason")}
            isMultiline
            isRequired
            autoFocus
          />
          <div className={styles.actions}>
            <Button onPress={close}>{say("ui.cancel")}</Button>
            <Button type="submit" variant="danger" isPending={isPending} isDisabled={reason.trim() === ""}>
              {say("operate.invoices.void")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
