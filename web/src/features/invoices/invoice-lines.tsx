// The lines of an invoice, the same for buyer, seller and operator; each opens to its arithmetic and, where it counts use,
// to the single calls behind it.
import { Fragment, Suspense, useId, useState, type ReactNode } from "react";
import type { InvoiceState } from "@/gql/types";
import { AreaLanguage } from "@/lib/intl";
import { useSay } from "@/lib/say";
import { Icon } from "@/ui/icons";
import { ExactCharge, Money, Quantity, useMeterNoun } from "@/ui/numbers";
import { Skeleton } from "@/ui/state";
import { Period } from "@/ui/time";
import { Arithmetic } from "./arithmetic";
import type { InvoiceLineDetailFragment, InvoiceMoneyFragment } from "./invoices.generated";
import styles from "./invoice-lines.module.css";

interface Invoice {
  state: InvoiceState;
  agreement: { timeZone: string; terms: { flatFee: string | null } };
  lines: readonly InvoiceLineDetailFragment[];
  subtotal: InvoiceMoneyFragment | null;
  tax: InvoiceMoneyFragment | null;
  total: InvoiceMoneyFragment | null;
}

interface Props {
  invoice: Invoice;
  /** What stands under the arithmetic of an open line. */
  usage?: ((line: InvoiceLineDetailFragment) => ReactNode) | undefined;
}

export function InvoiceLines(props: Props) {
  return (
    <Suspense fallback={<Skeleton lines={6} />}>
      <AreaLanguage area="invoice">
        <Lines {...props} />
      </AreaLanguage>
    </Suspense>
  );
}

function Lines({ invoice, usage }: Props) {
  const say = useSay();
  return (
    <div className={styles.region} role="region" aria-label={say("invoice.lines.table")} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say("invoice.line")}</th>
            <th scope="col" className={styles.end}>
              {say("ui.class.FREE")}
            </th>
            <th scope="col" className={styles.end}>
              {say("ui.class.VALUE_ADDED")}
            </th>
            <th scope="col" className={styles.end}>
              {say("invoice.exact")}
            </th>
            <th scope="col" className={styles.end}>
              {say("invoice.tax")}
            </th>
            <th scope="col" className={styles.end}>
              {say("invoice.amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {invoice.lines.map((line) => (
            <Line key={line.number} line={line} invoice={invoice} usage={usage} />
          ))}
          {invoice.lines.length === 0 && (
            <tr>
              <td colSpan={6}>{say(invoice.state === "DRAFT" ? "invoice.lines.notRated" : "invoice.lines.none")}</td>
            </tr>
          )}
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
              {say(`invoice.kind.${line.kind}`)}
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
          {isOpen && usage?.(line)}
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
                {say(`invoice.${name}`)}
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
