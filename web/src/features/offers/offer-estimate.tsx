// What sample usage would cost a buyer by the terms as they are typed, and what it would yield: rated by the platform,
// by the same rules as invoices.
import { useState } from "react";
import { useQuery } from "urql";
import { useDelayed } from "@/lib/delayed";
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { useMeterNoun } from "@/ui/numbers";
import { Card } from "@/ui/page";
import { Skeleton } from "@/ui/state";
import { NumberField } from "@/ui/text-field";
import { useDeskRefusals } from "../desk/refusals";
import { EstimateBill, type Estimate } from "./estimate-bill";
import { sampleUsage, termsInput, type MeterDraft, type OfferDraft } from "./offer-draft";
import { SellEstimate } from "./offer-estimate.generated";
import { termsProblems } from "./offer-problems";
import styles from "./offers.module.css";

interface Props {
  draft: OfferDraft;
  onSample: (index: number, fields: Partial<MeterDraft>) => void;
}

export function OfferEstimate({ draft, onSample }: Props) {
  const say = useSay();
  const noun = useMeterNoun();
  return (
    <Card>
      <section className={styles.result} aria-label={say("sell.estimate.title")}>
        <div>
          <h3 className={styles.heading}>{say("sell.estimate.title")}</h3>
          <p className={styles.fine}>{say("sell.estimate.note", { period: say(`sell.per.${draft.period}`) })}</p>
        </div>
        {draft.meters.map((meter, index) => (
          <NumberField
            key={meter.meter}
            label={say("sell.estimate.sample", { unit: noun(meter.meter) })}
            value={meter.sample}
            onChange={(sample) => onSample(index, { sample })}
            scale={0}
            min="0"
          />
        ))}
        <Result draft={draft} />
      </section>
    </Card>
  );
}

function Result({ draft }: { draft: OfferDraft }) {
  const say = useSay();
  const settled = useDelayed(draft, 300);
  const isFit = Object.keys(termsProblems(settled)).length === 0;
  const input = isFit ? { terms: termsInput(settled), usage: sampleUsage(settled) } : null;
  const [{ data, error, fetching }] = useQuery({
    query: SellEstimate,
    variables: { input: input ?? { terms: { currency: draft.currency, period: draft.period }, usage: [] } },
    pause: input === null,
  });
  const refused = useDeskRefusals(data?.estimateOffer.errors ?? []);
  const fresh = isFit ? (data?.estimateOffer.estimate ?? null) : null;
  const estimate = useLast(fresh);
  if (error !== undefined && isFit) return <Failure error={error} />;
  if (isFit && refused.length > 0) return <p role="status">{refused[0]?.message}</p>;
  if (estimate === null) return isFit ? <Skeleton lines={5} /> : <p className={styles.fine}>{say("sell.estimate.unfit")}</p>;
  const isStale = !isFit || fetching || settled !== draft;
  return (
    <div className={styles.result} aria-live="polite" aria-busy={isStale}>
      {!isFit && <p className={styles.fine}>{say("sell.estimate.stale")}</p>}
      <EstimateBill estimate={estimate} />
    </div>
  );
}

/** The last estimate there was, so that the numbers don't jump away while one types. */
function useLast(estimate: Estimate | null): Estimate | null {
  const [last, setLast] = useState(estimate);
  if (estimate !== null && estimate !== last) setLast(estimate);
  return estimate ?? last;
}
