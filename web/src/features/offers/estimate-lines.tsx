// What a sample quantity would cost by one offer, from units to total.
import { FormattedMessage } from "react-intl";
import { Money, Quantity } from "@/ui/numbers";
import styles from "./estimate-lines.module.css";
import type { Estimates } from "./use-estimates";

export function EstimateLines({ estimate }: { estimate: Estimates[string] | undefined }) {
  if (estimate === undefined) return "…";
  if (estimate === null) return <FormattedMessage id="store.offers.uncovered" />;
  const { lines, flatFee, tax, total } = estimate;
  return (
    <div className={styles.estimate}>
      <Money amount={total.amount} currencyCode={total.currencyCode} />
      <ul className={styles.lines}>
        {lines.map((line) => (
          <li key={line.meter}>
            <FormattedMessage
              id="store.estimate.line"
              values={{
                free: <Quantity value={line.free} />,
                charged: <Quantity value={line.valueAdded} meter={line.meter} />,
                amount: <Money amount={line.amount.amount} currencyCode={line.amount.currencyCode} />,
              }}
            />
            {line.refused !== "0" && (
              <span className={styles.refused}>
                <FormattedMessage id="store.estimate.refused" values={{ refused: <Quantity value={line.refused} meter={line.meter} /> }} />
              </span>
            )}
          </li>
        ))}
        {flatFee !== null && (
          <li>
            <FormattedMessage
              id="store.estimate.flatFee"
              values={{ amount: <Money amount={flatFee.amount} currencyCode={flatFee.currencyCode} /> }}
            />
          </li>
        )}
        <li>
          <FormattedMessage id="store.estimate.tax" values={{ amount: <Money amount={tax.amount} currencyCode={tax.currencyCode} /> }} />
        </li>
      </ul>
    </div>
  );
}
