// Closing one period: at its end as a matter of course, before its end only after asking once.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { buttonClass } from "@/ui/button-class";
import { Dialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { Money } from "@/ui/numbers";
import { Notice } from "@/ui/state";
import { Period } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { OperateClosePeriod, type OperateClosePeriodMutation, type OperateOpenPeriodFragment } from "./operate-periods.generated";

type Invoice = NonNullable<OperateClosePeriodMutation["closePeriod"]["invoice"]>;

export function ClosePeriod({ open }: { open: OperateOpenPeriodFragment }) {
  const say = useSay();
  return (
    <Dialog title={say("operate.periods.close.title")} trigger={<Button size="small">{say("operate.periods.close")}</Button>}>
      {(close) => <Closing open={open} onClose={close} />}
    </Dialog>
  );
}

function Closing({ open: { agreement, period, hasEnded }, onClose }: { open: OperateOpenPeriodFragment; onClose: () => void }) {
  const say = useSay();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending } = useAct(OperateClosePeriod, (data) => data.closePeriod);
  const [invoice, setInvoice] = useState<Invoice | null>(null);
  const close = async () => {
    const answer = await run({ agreementId: agreement.id, periodStart: period.start });
    setInvoice(answer?.invoice ?? null);
  };
  return (
    <div className={styles.form}>
      <p>
        <bdi>{agreement.listing.name}</bdi> · <bdi>{agreement.buyer.name}</bdi> · <Period {...period} />
      </p>
      {invoice === null && !hasEnded && <Notice tone="attention">{say("operate.periods.close.early")}</Notice>}
      {invoice === null && hasEnded && <p>{say("operate.periods.close.body")}</p>}
      <FormErrors errors={inWords(errors)} />
      {invoice !== null && <Result invoice={invoice} />}
      <div className={styles.actions}>
        <Button onPress={onClose} isDisabled={isPending}>
          {say(invoice === null ? "ui.cancel" : "ui.close")}
        </Button>
        {invoice === null ? (
          <Button variant={hasEnded ? "primary" : "danger"} isPending={isPending} onPress={() => void close()}>
            {say("operate.periods.close")}
          </Button>
        ) : (
          <Link to="/operate/invoices/$id" params={{ id: invoice.id }} className={buttonClass("primary")}>
            {say("operate.periods.toInvoice")}
          </Link>
        )}
      </div>
    </div>
  );
}

function Result({ invoice }: { invoice: Invoice }) {
  const say = useSay();
  return (
    <Notice tone="good" title={say("operate.periods.closed")}>
      {invoice.total !== null && (
        <p>
          {say("operate.invoices.total")}: <Money {...invoice.total} />
        </p>
      )}
    </Notice>
  );
}
