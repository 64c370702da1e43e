// The lines of an invoice as its seller reads them: how much, at which price, and how it came to the amount.
import { groupDigits, trimZeros } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { DataTable, type Column } from "@/ui/data-table";
import { Money, Quantity, useMeterNoun } from "@/ui/numbers";
import { Section } from "@/ui/page";
import type { SellInvoiceQuery } from "./sell-statements.generated";
import styles from "./statements.module.css";

type Line = SellInvoiceQuery["invoice"]["lines"][number];

export function SaleLines({ lines }: { lines: readonly Line[] }) {
  const say = useSay();
  const unit = useMeterNoun();
  const columns: Column<Line>[] = [
    {
      key: "what",
      header: say("sell.invoice.what"),
      isRowHeader: true,
      cell: ({ kind, meter }) => (meter === null ? say(`sell.invoice.${kind}`) : unit(meter)),
    },
    { key: "free", header: say("ui.class.FREE"), align: "end", cell: ({ free }) => (free === null ? "–" : <Quantity value={free} />) },
    { key: "valueAdded", header: say("ui.class.VALUE_ADDED"), align: "end", cell: ({ valueAdded }) => (valueAdded === null ? "–" : <Quantity value={valueAdded} />) },
    { key: "arithmetic", header: say("sell.invoice.arithmetic"), cell: (line) => <Arithmetic line={line} /> },
    { key: "amount", header: say("sell.invoice.amount"), align: "end", cell: ({ amount }) => <Money {...amount} /> },
  ];
  return (
    <Section title={say("sell.invoice.lines")} note={say("sell.invoice.lines.note")}>
      <DataTable caption={say("sell.invoice.lines")} columns={columns} rows={lines} rowKey={({ number }) => String(number)} empty={say("sell.invoice.lines.empty")} />
    </Section>
  );
}

function Arithmetic({ line: { kind, tiers, seconds, ofSeconds, exact } }: { line: Line }) {
  const say = useSay();
  return (
    <ul className={styles.steps}>
      {tiers.map(({ quantity, unit, flat, exact: part }, index) => (
        <li key={index}>
          {shown(quantity)} × {shown(unit)}
          {flat !== "0" && ` + ${shown(flat)}`} = {shown(part)}
        </li>
      ))}
      {kind === "FLAT_FEE" && seconds !== null && ofSeconds !== null && (
        <li>{say("sell.invoice.prorated", { seconds: groupDigits(seconds), of: groupDigits(ofSeconds), exact: shown(exact) })}</li>
      )}
      {kind === "USAGE" && tiers.length === 0 && <li>{say("sell.invoice.nothing")}</li>}
    </ul>
  );
}

/** An exact number; where no decimal is exact the API gives a fraction, which stays one. */
function shown(exact: string): string {
  return exact.includes("/") ? exact.split("/").map(groupDigits).join(" / ") : groupDigits(trimZeros(exact));
}
