// Commission and tax. What is set here concerns agreements to come only; those in force keep theirs.
import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { useAct } from "@/lib/act";
import { basisPointsOf, formatBasisPoints, percentOf } from "@/lib/basis-points";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { Notice, Skeleton } from "@/ui/state";
import { NumberField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import { OperateMarketTerms, OperateSetMarketTerms, type OperateMarketTermsQuery } from "./operate-market-terms.generated";

type Terms = OperateMarketTermsQuery["marketTerms"];

export function MarketTerms() {
  const [{ data, error }, reread] = useQuery({ query: OperateMarketTerms });
  if (data !== undefined) return <TermsForm key={JSON.stringify(data.marketTerms)} terms={data.marketTerms} />;
  return error === undefined ? <Skeleton /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
}

function TermsForm({ terms }: { terms: Terms }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending } = useAct(OperateSetMarketTerms, (data) => data.setMarketTerms);
  const [commission, setCommission] = useState(percentOf(terms.commissionBasisPoints));
  const [tax, setTax] = useState(percentOf(terms.taxBasisPoints));
  const commissionBasisPoints = basisPointsOf(commission);
  const taxBasisPoints = basisPointsOf(tax);
  const isComplete = commissionBasisPoints !== null && taxBasisPoints !== null;
  const isChanged = commissionBasisPoints !== terms.commissionBasisPoints || taxBasisPoints !== terms.taxBasisPoints;
  const words = inWords(errors);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || (await run({ commissionBasisPoints, taxBasisPoints })) === null) return;
    const values = { commission: formatBasisPoints(commissionBasisPoints), tax: formatBasisPoints(taxBasisPoints) };
    toast({ title: say("operate.settings.terms.set", values), tone: "good" });
  };
  const bounds = { scale: 2, min: "0", max: "100", suffix: "%", isRequired: true };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      <Notice title={say("operate.settings.terms.toCome")}>{say("operate.settings.terms.toCome.body")}</Notice>
      <FormErrors errors={words} shownAtField={["commissionBasisPoints", "taxBasisPoints"]} />
      <div className={styles.pair}>
        <NumberField
          {...bounds}
          label={say("operate.settings.commission")}
          description={say("operate.settings.commission.hint")}
          value={commission}
          onChange={setCommission}
          error={fieldError(words, "commissionBasisPoints")}
        />
        <NumberField
          {...bounds}
          label={say("operate.settings.tax")}
          description={say("operate.settings.tax.hint")}
          value={tax}
          onChange={setTax}
          error={fieldError(words, "taxBasisPoints")}
        />
      </div>
      <div className={styles.actions}>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isComplete || !isChanged}>
          {say("operate.settings.save")}
        </Button>
      </div>
    </form>
  );
}
