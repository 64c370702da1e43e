// An offer's terms in words: what is free, and what is charged past it.
import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";
import { compareDecimals, trimZeros } from "@/lib/numbers";
import { Money, Quantity } from "@/ui/numbers";
import type { OfferTermsFragment } from "./terms.generated";
import styles from "./terms.module.css";

export type Terms = OfferTermsFragment;
type Price = Terms["prices"][number];
type Allowance = Terms["allowances"][number];

/** Every line of the terms, in the order in which a bill is made. */
export function TermLines({ terms }: { terms: Terms }) {
  const free = terms.allowances.filter(({ included }) => included !== "0");
  return (
    <ul className={styles.lines}>
      {free.map((allowance) => (
        <Line key={`free ${allowance.meter}`} isFree>
          <Free allowance={allowance} isHardStop={!terms.prices.some(({ meter }) => meter === allowance.meter)} />
        </Line>
      ))}
      {terms.prices.map((price) => (
        <Line key={`price ${price.meter}`}>
          <PriceText price={price} currencyCode={terms.currencyCode} isPastFree={free.some(({ meter }) => meter === price.meter)} />
        </Line>
      ))}
      {terms.flatFee !== null && compareDecimals(terms.flatFee, "0") > 0 && (
        <Line>
          <FormattedMessage
            id={`store.terms.flatFee.${terms.period}`}
            values={{ fee: <Money amount={trimZeros(terms.flatFee)} currencyCode={terms.currencyCode} /> }}
          />
        </Line>
      )}
    </ul>
  );
}

function Line({ isFree = false, children }: { isFree?: boolean; children: ReactNode }) {
  return (
    <li className={styles.line}>
      <span className={isFree ? styles.free : styles.valueAdded} aria-hidden="true" />
      <span>{children}</span>
    </li>
  );
}

function Free({ allowance, isHardStop }: { allowance: Allowance; isHardStop: boolean }) {
  const quantity = <Quantity value={allowance.included} meter={allowance.meter} />;
  return (
    <>
      <FormattedMessage id={`store.terms.free.${allowance.resets}`} values={{ quantity }} />
      {isHardStop && <FormattedMessage id="store.terms.stop" />}
    </>
  );
}

interface PriceProps {
  price: Price;
  currencyCode: string;
  /** Whether some units are free first. */
  isPastFree?: boolean;
}

/** What units of one meter cost. */
export function PriceText({ price, currencyCode, isPastFree = false }: PriceProps) {
  const money = (amount: string) => <Money amount={trimZeros(amount)} currencyCode={currencyCode} />;
  const past = isPastFree && <FormattedMessage id="store.terms.past" />;
  switch (price.model) {
    case "PER_UNIT":
      return (
        <>
          <FormattedMessage id="store.terms.perUnit" values={{ price: money(price.unit ?? "0"), unit: <FormattedMessage id={`store.unit.${price.meter}`} /> }} />
          {past}
        </>
      );
    case "PACKAGE":
      return (
        <>
          <FormattedMessage
            id="store.terms.package"
            values={{ price: money(price.unit ?? "0"), size: <Quantity value={price.packageSize ?? "1"} meter={price.meter} /> }}
          />
          {past}
        </>
      );
    case "GRADUATED":
    case "VOLUME":
      return (
        <>
          <FormattedMessage id={`store.terms.${price.model}`} values={{ unit: <FormattedMessage id={`store.unit.${price.meter}`} /> }} />
          {past}
          <Tiers price={price} currencyCode={currencyCode} />
        </>
      );
  }
}

function Tiers({ price, currencyCode }: PriceProps) {
  const money = (amount: string) => <Money amount={trimZeros(amount)} currencyCode={currencyCode} />;
  return (
    <ul className={styles.tiers}>
      {price.tiers.map((tier, index) => (
        <li key={index}>
          {tier.upTo === null ? (
            <FormattedMessage id="store.terms.tier.above" />
          ) : (
            <FormattedMessage id="store.terms.tier.upTo" values={{ upTo: <Quantity value={trimZeros(tier.upTo)} /> }} />
          )}{" "}
          {money(tier.unit)}
          {compareDecimals(tier.flat, "0") > 0 && (
            <>
              {" "}
              <FormattedMessage id="store.terms.tier.flat" values={{ flat: money(tier.flat) }} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
