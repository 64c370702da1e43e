// The terms as they were accepted: what is free, what is charged, per meter.
import type { MeterName } from "@/lib/meters";
import { formatMoney, groupDigits, trimZeros } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { useIntl } from "react-intl";
import { DataTable, type Column } from "@/ui/data-table";
import { Quantity, useMeterNoun } from "@/ui/numbers";
import styles from "./agreements.module.css";
import type { HeldAgreementQuery } from "./agreements.generated";

type Terms = HeldAgreementQuery["agreement"]["terms"];
type Price = Terms["prices"][number];

interface MeterTerms {
  meter: MeterName;
  allowance: Terms["allowances"][number] | undefined;
  price: Price | undefined;
}

export function FrozenTerms({ terms }: { terms: Terms }) {
  const say = useSay();
  const meters = [...new Set([...terms.allowances, ...terms.prices].map(({ meter }) => meter))];
  const rows = meters.map((meter): MeterTerms => ({
    meter,
    allowance: terms.allowances.find((each) => each.meter === meter),
    price: terms.prices.find((each) => each.meter === meter),
  }));
  return <DataTable caption={say("usage.terms.caption")} rows={rows} rowKey={({ meter }) => meter} columns={useColumns(terms.currencyCode)} />;
}

function useColumns(currencyCode: string): Column<MeterTerms>[] {
  const say = useSay();
  const noun = useMeterNoun();
  return [
    { key: "meter", header: say("usage.meter"), isRowHeader: true, cell: ({ meter }) => noun(meter) },
    {
      key: "free",
      header: say("usage.terms.free"),
      align: "end",
      cell: ({ meter, allowance }) =>
        allowance === undefined ? say("usage.terms.noneFree") : <Quantity value={allowance.included} meter={meter} />,
    },
    { key: "resets", header: say("usage.terms.resets"), cell: ({ allowance }) => (allowance === undefined ? "–" : say(`usage.per.${allowance.resets}`)) },
    {
      key: "past",
      header: say("usage.terms.past"),
      cell: ({ allowance, price }) => say(allowance?.onExhaustion === "STOP" || price === undefined ? "usage.terms.stop" : "usage.terms.charge"),
    },
    { key: "price", header: say("usage.terms.price"), cell: ({ price }) => (price === undefined ? "–" : <PriceText price={price} currencyCode={currencyCode} />) },
  ];
}

function PriceText({ price, currencyCode }: { price: Price; currencyCode: string }) {
  const say = useSay();
  const unit = useMeterNoun()(price.meter, true);
  const { locale } = useIntl();
  const money = (amount: string) => formatMoney(trimZeros(amount), currencyCode, locale);
  if (price.model === "PER_UNIT") return say("usage.price.perUnit", { price: money(price.unit ?? "0"), unit });
  if (price.model === "PACKAGE") return say("usage.price.package", { price: money(price.unit ?? "0"), size: groupDigits(price.packageSize ?? "0") });
  return (
    <span className={styles.tiers}>
      <span>{say(`usage.price.${price.model}`)}</span>
      {price.tiers.map(({ upTo, unit: each, flat }, index) => (
        <span key={index}>
          {upTo === null ? say("usage.price.beyond") : say("usage.price.upTo", { upTo: groupDigits(upTo) })} {money(each)}
          {flat !== "0" && ` + ${money(flat)}`}
        </span>
      ))}
    </span>
  );
}
