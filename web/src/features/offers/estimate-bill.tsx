// An estimate written as a bill: lines with their arithmetic, what the buyer pays, what the seller gets.
import { groupDigits, trimZeros } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Money, useMeterNoun } from "@/ui/numbers";
import { Notice } from "@/ui/state";
import type { SellEstimateQuery } from "./offer-estimate.generated";
import styles from "./offers.module.css";

export type Estimate = NonNullable<SellEstimateQuery["estimateOffer"]["estimate"]>;
type Line = Estimate["lines"][number];
type Amount = Estimate["total"];

export function EstimateBill({ estimate }: { estimate: Estimate }) {
  const say = useSay();
  const { lines, flatFee, subtotal, tax, total, commission, share } = estimate;
  return (
    <div className={styles.result}>
      <table className={styles.bill}>
        <tbody>
          {lines.map((line) => (
            <BillLine key={line.meter} line={line} />
          ))}
          {flatFee !== null && <Row label={say("sell.offer.flatFee")} amount={flatFee} />}
          <Row label={say("sell.estimate.subtotal")} amount={subtotal} isSum />
          <Row label={say("sell.estimate.tax")} amount={tax} />
          <Row label={say("sell.estimate.total")} amount={total} isSum />
        </tbody>
      </table>
      <table className={styles.bill}>
        <tbody>
          <Row label={say("sell.estimate.subtotal")} amount={subtotal} />
          <Row label={say("sell.estimate.commission")} amount={commission} />
          <Row label={say("sell.estimate.share")} amount={share} isSum />
        </tbody>
      </table>
      <Refused lines={lines} />
    </div>
  );
}

function BillLine({ line: { meter, free, valueAdded, tiers, amount } }: { line: Line }) {
  const say = useSay();
  const noun = useMeterNoun();
  return (
    <tr>
      <th scope="row">
        {noun(meter)}
        <span className={styles.step}>{say("sell.estimate.split", { free: groupDigits(free), valueAdded: groupDigits(valueAdded) })}</span>
        {tiers.map(({ quantity, unit, flat, exact }, index) => (
          <span key={index} className={styles.step}>
            {shown(quantity)} × {shown(unit)}
            {flat !== "0" && ` + ${shown(flat)}`} = {shown(exact)}
          </span>
        ))}
      </th>
      <td>
        <Money {...amount} />
      </td>
    </tr>
  );
}

function Row({ label, amount, isSum = false }: { label: string; amount: Amount; isSum?: boolean }) {
  return (
    <tr className={isSum ? styles.sum : undefined}>
      <th scope="row">{label}</th>
      <td>
        <Money {...amount} />
      </td>
    </tr>
  );
}

/** Units past an allowance without a price are not served: that belongs beside a bill of nothing. */
function Refused({ lines }: { lines: readonly Line[] }) {
  const say = useSay();
  const noun = useMeterNoun();
  const refused = lines.filter((line) => line.refused !== "0");
  if (refused.length === 0) return null;
  return (
    <Notice tone="attention">
      {refused.map((line) => (
        <p key={line.meter}>{say("sell.estimate.refused", { quantity: groupDigits(line.refused), unit: noun(line.meter) })}</p>
      ))}
    </Notice>
  );
}

function shown(exact: string): string {
  return exact.includes("/") ? exact.split("/").map(groupDigits).join(" / ") : groupDigits(trimZeros(exact));
}
