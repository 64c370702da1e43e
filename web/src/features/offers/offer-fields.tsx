// The fields of an offer: its name, its period and fee, and each meter that it counts.
import { useIntl } from "react-intl";
import type { MeterName } from "@/lib/meters";
import { currencies } from "@/lib/regions";
import { useSay } from "@/lib/say";
import { SelectField } from "@/ui/choice-field";
import { fieldError, type UserErrorLike } from "@/ui/form-errors";
import { LocalizedField } from "@/ui/localized-field";
import { Notice } from "@/ui/state";
import { NumberField } from "@/ui/text-field";
import desk from "../desk/desk.module.css";
import { MeterFields } from "./meter-fields";
import { meterDraft, METERS, PERIODS, type MeterDraft, type OfferDraft } from "./offer-draft";
import type { OfferProblems } from "./offer-problems";
import { useMeterNoun } from "@/ui/numbers";

interface Props {
  draft: OfferDraft;
  change: (fields: Partial<OfferDraft>) => void;
  problems: OfferProblems;
  refused: readonly UserErrorLike[];
  /** Whether only the terms change: an offer keeps its name. */
  isReprice: boolean;
  /** The meters that calls of the listing are counted on. */
  needed: readonly MeterName[];
}

export function OfferFields({ draft, change, problems, refused, isReprice, needed }: Props) {
  const say = useSay();
  const { locale } = useIntl();
  const wrong = (path: string) => {
    const problem = problems[path];
    return problem === undefined ? fieldError(refused, path) : say(problem.id, problem.values);
  };
  const changeMeter = (index: number, fields: Partial<MeterDraft>) =>
    change({ meters: draft.meters.map((meter, each) => (each === index ? { ...meter, ...fields } : meter)) });
  return (
    <>
      {!isReprice && (
        <LocalizedField
          label={say("sell.offer.name")}
          description={say("sell.offer.name.note")}
          value={draft.name}
          onChange={(name) => change({ name })}
          error={wrong("name")}
          placeholder={{ en: "Starter", zh: "入门" }}
        />
      )}
      <div className={desk.pair}>
        <SelectField label={say("sell.offer.currency")} value={draft.currency} onChange={(currency) => change({ currency })} choices={currencies(locale)} />
        <SelectField
          label={say("sell.offer.period")}
          description={say("sell.offer.period.note")}
          value={draft.period}
          onChange={(period) => change({ period })}
          choices={PERIODS.map((period) => ({ value: period, label: say(`sell.period.${period}`) }))}
        />
        <NumberField
          label={say("sell.offer.flatFee")}
          description={say("sell.offer.flatFee.note")}
          suffix={draft.currency}
          value={draft.flatFee}
          onChange={(flatFee) => change({ flatFee })}
          error={wrong("flatFee")}
          min="0"
        />
      </div>
      {draft.meters.map((meter, index) => (
        <MeterFields
          key={meter.meter}
          draft={meter}
          change={(fields) => changeMeter(index, fields)}
          onRemove={() => change({ meters: draft.meters.filter((_, each) => each !== index) })}
          problems={problems}
          at={`meters.${index}`}
          offer={draft}
        />
      ))}
      {problems["terms"] !== undefined && <Notice tone="danger">{say(problems["terms"].id)}</Notice>}
      <AddMeter draft={draft} onAdd={(meter) => change({ meters: [...draft.meters, meterDraft(meter)] })} />
      <Uncovered draft={draft} needed={needed} />
    </>
  );
}

function AddMeter({ draft, onAdd }: { draft: OfferDraft; onAdd: (meter: MeterName) => void }) {
  const say = useSay();
  const unit = useMeterNoun();
  const left = METERS.filter((meter) => !draft.meters.some((each) => each.meter === meter));
  if (left.length === 0) return null;
  return (
    <SelectField<MeterName>
      label={say("sell.offer.meter.add")}
      description={say("sell.offer.meter.add.note")}
      value=""
      onChange={onAdd}
      choices={left.map((meter) => ({ value: meter, label: unit(meter) }))}
    />
  );
}

/** Calls on a meter that the terms don't cover would be refused; better said before anyone subscribes. */
function Uncovered({ draft, needed }: Pick<Props, "draft" | "needed">) {
  const say = useSay();
  const intl = useIntl();
  const unit = useMeterNoun();
  const missing = needed.filter((meter) => !draft.meters.some((each) => each.meter === meter));
  if (missing.length === 0) return null;
  return <Notice tone="attention">{say("sell.offer.uncovered", { units: intl.formatList(missing.map((meter) => unit(meter))) })}</Notice>;
}
