// Terms in short, as a seller scans them: free, charged, flat fee.
import { useIntl } from "react-intl";
import { compareDecimals, formatMoney, groupDigits, trimZeros } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { useMeterNoun, useMeterUnit } from "@/ui/numbers";
import type { OfferTermsFragment } from "./terms.generated";
import styles from "./offers.module.css";

type Price = OfferTermsFragment["prices"][number];

export function TermsText({ terms }: { terms: OfferTermsFragment }) {
  return (
    <ul className={styles.terms}>
      {useTermsLines()(terms).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** Gives the function that writes terms as lines of text. */
export function useTermsLines(): (terms: OfferTermsFragment) => string[] {
  const say = useSay();
  const { locale } = useIntl();
  const unit = useMeterUnit();
  const noun = useMeterNoun();
  return ({ currencyCode, period, flatFee, allowances, prices }) => {
    const money = (amount: string) => formatMoney(trimZeros(amount), currencyCode, locale);
    const charged = (price: Price) => {
      const one = noun(price.meter, true);
      if (price.model === "PER_UNIT") return say("sell.terms.perUnit", { price: money(price.unit ?? "0"), unit: one });
      if (price.model === "PACKAGE") {
        const size = price.packageSize ?? "1";
        return say("sell.terms.package", { price: money(price.unit ?? "0"), size: groupDigits(size), unit: unit(price.meter, size) });
      }
      const tiers = price.tiers.map(({ upTo, unit: each, flat }) => {
        const bound = upTo === null ? say("sell.terms.beyond") : say("sell.terms.upTo", { upTo: groupDigits(trimZeros(upTo)) });
        return `${bound} ${money(each)}${compareDecimals(flat, "0") === 0 ? "" : ` + ${money(flat)}`}`;
      });
      return say(`sell.terms.${price.model}`, { unit: one, tiers: tiers.join(" · ") });
    };
    return [
      ...allowances
        .filter(({ included }) => included !== "0")
        .map(({ meter, included, onExhaustion }) =>
          say(onExhaustion === "STOP" ? "sell.terms.freeStop" : "sell.terms.free", {
            quantity: `${groupDigits(included)} ${unit(meter, included)}`,
            period: say(`sell.per.${period}`),
          }),
        ),
      ...prices.map(charged),
      ...(flatFee === null ? [] : [say("sell.terms.flatFee", { fee: money(flatFee), period: say(`sell.per.${period}`) })]),
    ];
  };
}
