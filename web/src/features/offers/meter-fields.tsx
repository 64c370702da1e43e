// One meter of an offer: what is free, what happens past it, and what it then costs.
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { RadioField, SelectField } from "@/ui/choice-field";
import { Icon } from "@/ui/icons";
import { NumberField } from "@/ui/text-field";
import desk from "../desk/desk.module.css";
import { PRICE_MODELS, type MeterDraft, type OfferDraft } from "./offer-draft";
import type { OfferProblems } from "./offer-problems";
import styles from "./offers.module.css";
import { TierFields } from "./tier-fields";
import { useMeterNoun } from "@/ui/numbers";

interface Props {
  draft: MeterDraft;
  change: (fields: Partial<MeterDraft>) => void;
  onRemove: () => void;
  /** Problems by path, where they are to be shown. */
  problems: OfferProblems;
  /** The path of this meter. */
  at: string;
  offer: Pick<OfferDraft, "currency" | "period">;
}

const CHARGED_MODELS = PRICE_MODELS.filter((model) => model !== "NONE");

export function MeterFields(props: Props) {
  const { draft, change, onRemove, problems, at, offer } = props;
  const say = useSay();
  const name = useMeterNoun()(draft.meter);
  const { model } = draft;
  const wrong = problems[`${at}.included`];
  return (
    <fieldset className={styles.meter}>
      <legend className={styles.legend}>{say("sell.offer.meter", { unit: name })}</legend>
      <div className={desk.pair}>
        <NumberField
          label={say("sell.offer.free")}
          description={say("sell.offer.free.note", { period: say(`sell.per.${offer.period}`) })}
          suffix={name}
          value={draft.included}
          onChange={(included) => change({ included })}
          error={wrong === undefined ? null : say(wrong.id, wrong.values)}
          scale={0}
          min="0"
        />
        <RadioField
          label={say("sell.offer.exhaustion")}
          value={model === "NONE" ? "STOP" : "CHARGE"}
          onChange={(policy) => change({ model: policy === "STOP" ? "NONE" : "PER_UNIT" })}
          choices={[
            { value: "CHARGE" as const, label: say("sell.offer.charge"), description: say("sell.offer.charge.note") },
            { value: "STOP" as const, label: say("sell.offer.stop"), description: say("sell.offer.stop.note", { period: say(`sell.next.${offer.period}`) }) },
          ]}
        />
      </div>
      {model !== "NONE" && (
        <SelectField
          label={say("sell.offer.model")}
          description={say(`sell.model.${model}.note`)}
          value={model}
          onChange={(chosen) => change({ model: chosen })}
          choices={CHARGED_MODELS.map((each) => ({ value: each, label: say(`sell.model.${each}`) }))}
        />
      )}
      <PriceFields {...props} />
      <div>
        <Button variant="quiet" size="small" icon={<Icon name="close" />} onPress={onRemove}>
          {say("sell.offer.meter.remove", { unit: name })}
        </Button>
      </div>
    </fieldset>
  );
}

function PriceFields({ draft, change, problems, at, offer: { currency } }: Props) {
  const say = useSay();
  const unit = useMeterNoun();
  const { meter, model } = draft;
  const wrong = (field: string) => {
    const problem = problems[`${at}.${field}`];
    return problem === undefined ? null : say(problem.id, problem.values);
  };
  const price = (label: string) => (
    <NumberField label={label} suffix={currency} value={draft.unit} onChange={(value) => change({ unit: value })} error={wrong("unit")} min="0" isRequired />
  );
  switch (model) {
    case "NONE":
      return null;
    case "PER_UNIT":
      return price(say("sell.offer.unit", { unit: unit(meter, true) }));
    case "PACKAGE":
      return (
        <div className={desk.pair}>
          {price(say("sell.offer.packagePrice"))}
          <NumberField
            label={say("sell.offer.packageSize")}
            suffix={unit(meter)}
            value={draft.size}
            onChange={(size) => change({ size })}
            error={wrong("size")}
            scale={0}
            min="1"
            isRequired
          />
        </div>
      );
    case "GRADUATED":
    case "VOLUME":
      return <TierFields tiers={draft.tiers} onChange={(tiers) => change({ tiers })} problems={problems} at={at} currency={currency} />;
  }
}
