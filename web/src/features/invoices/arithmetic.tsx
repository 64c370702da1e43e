// How a line came to its amount: each step of the charge, their exact sum, and the one rounding.
import type { ReactNode } from "react";
import { useSay } from "@/lib/say";
import { groupDigits, trimZeros } from "@/lib/numbers";
import { Money, Quantity } from "@/ui/numbers";
import type { InvoiceLineDetailFragment } from "./invoices.generated";
import styles from "./invoice-lines.module.css";

interface Props {
  line: InvoiceLineDetailFragment;
  /** The fee of a whole period in the frozen terms. */
  flatFee: string | null;
  currencyCode: string;
}

export function Arithmetic({ line, flatFee, currencyCode }: Props) {
  const say = useSay();
  const { kind, meter, free, valueAdded, tiers, billedTiers, exact, amount } = line;
  return (
    <div className={styles.arithmetic}>
      <h3 className={styles.title}>{say("invoice.arithmetic")}</h3>
      <ul className={styles.steps}>
        {free !== null && meter !== null && (
          <li>
            <Quantity value={free} meter={meter} /> {say("ui.class.FREE")} = {shown("0")} {currencyCode}
          </li>
        )}
        {kind === "USAGE" && valueAdded === "0" && <li>{say("invoice.noneCharged")}</li>}
        {tiers.map((tier, index) => (
          <li key={index}>
            {shown(tier.quantity)} × {shown(tier.unit)}
            {tier.flat !== "0" && ` + ${shown(tier.flat)}`} = <Result>{shown(tier.exact)}</Result> {currencyCode}
          </li>
        ))}
        {billedTiers.map((tier, index) => (
          <li key={`billed-${index}`}>
            {say("invoice.billedBefore")} − ({shown(tier.quantity)} × {shown(tier.unit)}
            {tier.flat !== "0" && ` + ${shown(tier.flat)}`}) = <Result>−{shown(tier.exact)}</Result> {currencyCode}
          </li>
        ))}
        {kind === "FLAT_FEE" && flatFee !== null && (
          <li>
            {shown(flatFee)} × {groupDigits(line.seconds ?? "")} ÷ {groupDigits(line.ofSeconds ?? "")} = <Result>{shown(exact)}</Result> {currencyCode}
          </li>
        )}
        <li className={styles.rounded}>
          <Result>{shown(exact)}</Result> → <Money {...amount} />
          <span className={styles.soft}> {say("invoice.rounded")}</span>
        </li>
      </ul>
      {kind === "CORRECTION" && <p className={styles.soft}>{say("invoice.corrected")}</p>}
      {kind === "FLAT_FEE" && <p className={styles.soft}>{say("invoice.prorated")}</p>}
    </div>
  );
}

function Result({ children }: { children: ReactNode }) {
  return <b>{children}</b>;
}

/** An exact number; where no decimal is exact the API gives a fraction, which stays one. */
function shown(exact: string): string {
  return exact.includes("/") ? exact.split("/").map(groupDigits).join(" / ") : groupDigits(trimZeros(exact));
}
