// Closing one period: at its end as a matter of course, before its end only after being told what that means.
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useIntl } from "react-intl";
import { useAct } from "@/lib/act";
import { formatMoney } from "@/lib/numbers";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { Notice } from "@/ui/state";
import { Period } from "@/ui/time";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import { OperateClosePeriod, type OperateClosePeriodMutation, type OperateOpenPeriodFragment } from "./operate-periods.generated";

type Invoice = NonNullable<OperateClosePeriodMutation["closePeriod"]["invoice"]>;

export function ClosePeriod({ open: { agreement, period, hasEnded } }: { open: OperateOpenPeriodFragment }) {
  const say = useSay();
  const inWords = useRefusals("operate.refusal");
  const tell = useTellClosed();
  const { run, errors, clear } = useAct(OperateClosePeriod, (data) => data.closePeriod);
  const [isOpen, setOpen] = useState(false);
  const close = async () => {
    const invoice = (await run({ agreementId: agreement.id, periodStart: period.start }))?.invoice ?? null;
    if (invoice !== null) tell(invoice);
    return invoice !== null;
  };
  return (
    <ConfirmDialog
      title={say("operate.periods.close.title")}
      body={
        <div className={styles.gap}>
          <p>
            <bdi>{agreement.listing.name}</bdi> · <bdi>{agreement.buyer.name}</bdi> · <Period {...period} zone={agreement.timeZone} />
          </p>
          {hasEnded ? <p>{say("operate.periods.close.body")}</p> : <Notice tone="attention">{say("operate.periods.close.early")}</Notice>}
          <FormErrors errors={inWords(errors)} />
        </div>
      }
      confirmLabel={say("operate.periods.close.confirm")}
      tone={hasEnded ? "neutral" : "danger"}
      trigger={<Button size="small">{say("operate.periods.close")}</Button>}
      isOpen={isOpen}
      onOpenChange={(next) => (clear(), setOpen(next))}
      onConfirm={close}
    />
  );
}

/** Says what was invoiced and leads to it: by then the period's own row is gone from the list. */
function useTellClosed() {
  const say = useSay();
  const toast = useToast();
  const navigate = useNavigate();
  const { locale } = useIntl();
  return ({ id, total }: Invoice) =>
    toast({
      title: say("operate.periods.closed"),
      body: total === null ? undefined : `${say("operate.invoices.total")}: ${formatMoney(total.amount, total.currencyCode, locale)}`,
      tone: "good",
      action: { label: say("operate.periods.toInvoice"), onAction: () => void navigate({ to: "/operate/invoices/$id", params: { id } }) },
    });
}
