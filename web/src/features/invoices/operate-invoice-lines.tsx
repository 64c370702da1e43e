// The lines of an invoice with their arithmetic, down to subtotal, tax and total.
import { useSay } from "@/lib/say";
import { DataTable, type Column } from "@/ui/data-table";
import { ExactCharge, Money, Quantity } from "@/ui/numbers";
import { formatMoney, groupDigits, trimZeros } from "@/lib/numbers";
import { useIntl } from "react-intl";
import styles from "../operate/operate.module.css";
import { TwoLines } from "../operate/parts";
import type { OperateInvoiceQuery } from "./operate-invoices.generated";

type Invoice = OperateInvoiceQuery["invoice"];
type Line = Invoice["lines"][number];

export function OperateInvoiceLines({ invoice }: { invoice: Invoice }) {
  const say = useSay();
  const { subtotal, tax, total } = invoice;
  return (
    <div className={styles.gap}>
      <DataTable
        caption={say("operate.invoices.lines")}
        columns={useColumns(invoice)}
        rows={invoice.lines}
        rowKey={({ number }) => String(number)}
        empty={say(invoice.state === "DRAFT" ? "operate.invoices.notRated" : "operate.invoices.noLines")}
      />
      {subtotal !== null && tax !== null && total !== null && (
        <p className={styles.sum}>
          <Money {...subtotal} /> + {say("operate.invoices.tax")} <Money {...tax} /> ={" "}
          <strong>
            <Money {...total} />
          </strong>
        </p>
      )}
    </div>
  );
}

function useColumns({ subtotal, tax }: Invoice): Column<Line>[] {
  const say = useSay();
  return [
    {
      key: "line",
      header: say("operate.invoices.line"),
      isRowHeader: true,
      cell: (line) => (
        <TwoLines
          first={line.meter === null ? say(`operate.invoices.kind.${line.kind}`) : say(`operate.meter.${line.meter}`)}
          second={<Arithmetic line={line} />}
        />
      ),
    },
    { key: "free", header: say("ui.class.FREE"), align: "end", cell: ({ free }) => (free === null ? "–" : <Quantity value={free} />) },
    {
      key: "valueAdded",
      header: say("ui.class.VALUE_ADDED"),
      align: "end",
      cell: ({ valueAdded }) => (valueAdded === null ? "–" : <Quantity value={valueAdded} />),
    },
    {
      key: "exact",
      header: say("operate.invoices.exact"),
      align: "end",
      cell: ({ exact, amount }) => <ExactCharge exact={exact} currencyCode={amount.currencyCode} />,
      footer: say("operate.invoices.subtotal"),
    },
    {
      key: "amount",
      header: say("operate.column.amount"),
      align: "end",
      cell: ({ amount }) => <Money {...amount} />,
      footer: subtotal !== null && <Money {...subtotal} />,
    },
    {
      key: "tax",
      header: say("operate.invoices.tax"),
      align: "end",
      cell: ({ tax: own }) => <Money {...own} />,
      footer: tax !== null && <Money {...tax} />,
    },
  ];
}

/** Each step as it was computed: quantity × unit, and what a tier adds once. */
function Arithmetic({ line: { tiers, seconds, ofSeconds, amount } }: { line: Line }) {
  const { locale } = useIntl();
  const say = useSay();
  const money = (value: string) => formatMoney(trimZeros(value), amount.currencyCode, locale);
  if (seconds !== null && ofSeconds !== null && seconds !== ofSeconds) {
    return say("operate.invoices.part", { seconds: groupDigits(seconds), ofSeconds: groupDigits(ofSeconds) });
  }
  return tiers.map(({ quantity, unit, flat }, index) => (
    <span key={index} className={styles.step}>
      {groupDigits(trimZeros(quantity))} × {money(unit)}
      {trimZeros(flat) !== "0" && ` + ${money(flat)}`}
    </span>
  ));
}
