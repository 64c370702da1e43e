// The lines of an invoice; each opens to its arithmetic and, where it counts use, to the single calls behind it.
import { Fragment, useId, useState, type ReactNode } from "react";
import { useSay } from "@/lib/say";
import { Icon } from "@/ui/icons";
import { ExactCharge, Money, Quantity, useMeterNoun } from "@/ui/numbers";
import { Period } from "@/ui/time";
import { Arithmetic } from "./arithmetic";
import type { InvoiceLineDetailFragment, OwedInvoiceQuery } from "./invoices.generated";
import styles from "./invoice-lines.module.css";

type Invoice = OwedInvoiceQuery["invoice"];

interface Props {
  invoice: Invoice;
  /** What stands under the arithmetic of an open line. */
  usage: (line: InvoiceLineDetailFragment) => ReactNode;
}

export function InvoiceLines({ invoice, usage }: Props) {
  const say = useSay();
  return (
    <div className={styles.region} role="region" aria-label={say("usage.invoices.lines.table")} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say("usage.invoices.line")}</th>
            <th scope="col" className={styles.end}>
              {say("ui.class.FREE")}
            </th>
            <th scope="col" className={styles.end}>
              {say("ui.class.VALUE_ADDED")}
            </th>
            <th scope="col" className={styles.end}>
              {say("usage.invoices.exact")}
            </th>
            <th scope="col" className={styles.end}>
              {say("usage.invoices.tax")}
            </th>
            <th scope="col" className={styles.end}>
              {say("usage.invoices.amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {invoice.lines.map((line) => (
            <Line key={line.number} line={line} invoice={invoice} usage={usage} />
          ))}
        </tbody>
        <Totals invoice={invoice} />
      </table>
    </div>
  );
}

function Line({ line, invoice, usage }: Props & { line: InvoiceLineDetailFragment }) {
  const say = useSay();
  const noun = useMeterNoun();
  const [isOpen, setOpen] = useState(false);
  const detailId = useId();
  const { meter, free, valueAdded, exact, amount, tax } = line;
  return (
    <Fragment>
      <tr>
        <th scope="row">
          <button type="button" className={styles.toggle} aria-expanded={isOpen} aria-controls={detailId} onClick={() => setOpen(!isOpen)}>
            <Icon name="chevronRight" className={styles.chevron} />
            <span>
              {say(`usage.invoices.kind.${line.kind}`)}
              {meter !== null && <span className={styles.soft}> · {noun(meter)}</span>}
              {line.kind === "CORRECTION" && (
                <span className={styles.soft}>
                  {" · "}
                  <Period {...line.servicePeriod} zone={invoice.agreement.timeZone} />
                </span>
              )}
            </span>
          </button>
        </th>
        <td className={styles.end}>{free === null ? "–" : <Quantity value={free} />}</td>
        <td className={styles.end}>{valueAdded === null ? "–" : <Quantity value={valueAdded} />}</td>
        <td className={styles.end}>
          <ExactCharge exact={exact} currencyCode={amount.currencyCode} />
        </td>
        <td className={styles.end}>
          <Money {...tax} />
        </td>
        <td className={styles.end}>
          <Money {...amount} />
        </td>
      </tr>
      {/* Closed lines stay in the document: on paper every line shows its arithmetic. */}
      <tr id={detailId} className={styles.detail} data-open={isOpen}>
        <td colSpan={6}>
          <Arithmetic line={line} flatFee={invoice.agreement.terms.flatFee} currencyCode={amount.currencyCode} />
          {isOpen && usage(line)}
        </td>
      </tr>
    </Fragment>
  );
}

function Totals({ invoice: { subtotal, tax, total } }: { invoice: Invoice }) {
  const say = useSay();
  const rows = [
    ["subtotal", subtotal],
    ["tax", tax],
    ["total", total],
  ] as const;
  return (
    <tfoot>
      {rows.map(
        ([name, money]) =>
          money !== null && (
            <tr key={name} className={styles[name]}>
              <th scope="row" colSpan={5} className={styles.end}>
                {say(`usage.invoices.${name}`)}
              </th>
              <td className={styles.end}>
                <Money {...money} />
              </td>
            </tr>
          ),
      )}
    </tfoot>
  );
}
