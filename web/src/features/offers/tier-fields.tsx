// The tiers of a price: each ends above the one before, the last is open.
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icons";
import { NumberField } from "@/ui/text-field";
import type { TierDraft } from "./offer-draft";
import type { OfferProblems } from "./offer-problems";
import styles from "./offers.module.css";

interface Props {
  tiers: readonly TierDraft[];
  onChange: (tiers: TierDraft[]) => void;
  problems: OfferProblems;
  /** The path of the meter. */
  at: string;
  currency: string;
}

export function TierFields({ tiers, onChange, problems, at, currency }: Props) {
  const say = useSay();
  const change = (index: number, fields: Partial<TierDraft>) =>
    onChange(tiers.map((tier, each) => (each === index ? { ...tier, ...fields } : tier)));
  const add = () => onChange([...tiers.slice(0, -1), { upTo: "", unit: "", flat: "" }, ...tiers.slice(-1)]);
  return (
    <div className={styles.tiers}>
      {tiers.map((tier, index) => {
        const wrong = (field: keyof TierDraft) => {
          const problem = problems[`${at}.tiers.${index}.${field}`];
          return problem === undefined ? null : say(problem.id, problem.values);
        };
        const field = (name: "unit" | "flat") => (
          <NumberField
            label={say(`sell.offer.tier.${name}`)}
            suffix={currency}
            value={tier[name]}
            onChange={(value) => change(index, { [name]: value })}
            error={wrong(name)}
            min="0"
            isRequired={name === "unit"}
          />
        );
        const isLast = index === tiers.length - 1;
        const number = index + 1;
        return (
          <div key={index} className={styles.tier} role="group" aria-label={say("sell.offer.tier", { number })}>
            {isLast ? (
              <p className={styles.open}>{say("sell.offer.tier.beyond")}</p>
            ) : (
              <NumberField
                label={say("sell.offer.tier.upTo")}
                value={tier.upTo}
                onChange={(upTo) => change(index, { upTo })}
                error={wrong("upTo")}
                min="0"
                isRequired
              />
            )}
            {field("unit")}
            {field("flat")}
            {!isLast && (
              <Button
                variant="quiet"
                size="small"
                onPress={() => onChange(tiers.filter((_, each) => each !== index))}
                aria-label={say("sell.offer.tier.remove", { number })}
              >
                <Icon name="close" />
              </Button>
            )}
          </div>
        );
      })}
      <div>
        <Button size="small" icon={<Icon name="plus" />} onPress={add}>
          {say("sell.offer.tier.add")}
        </Button>
      </div>
    </div>
  );
}
