// Which invoices are shown.
import type { InvoiceState } from "@/gql/types";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SelectField } from "@/ui/choice-field";
import { Chip } from "@/ui/chip";
import { DateRangeField } from "@/ui/date-range-field";
import { INVOICE_STATES, type InvoiceChoice } from "./choice";
import styles from "./invoices.module.css";

interface Props {
  chosen: InvoiceChoice;
  onChange: (chosen: InvoiceChoice) => void;
}

export function InvoiceFilters({ chosen, onChange }: Props) {
  const say = useSay();
  return (
    <>
      <div className={styles.whole}>
        <DateRangeField
          label={say("usage.days")}
          zone={useZone()}
          presets={["thisMonth", "quarter", "all"]}
          value={{ from: chosen.from ?? "", until: chosen.until ?? "" }}
          onChange={({ from, until }) =>
            onChange({ ...chosen, from: from === "" ? undefined : from, until: until === "" ? undefined : until })
          }
        />
      </div>
      <SelectField<InvoiceState | "ALL">
        label={say("usage.state")}
        value={chosen.state ?? "ALL"}
        onChange={(state) => onChange({ ...chosen, state: state === "ALL" ? undefined : state })}
        choices={[
          { value: "ALL", label: say("usage.all") },
          ...INVOICE_STATES.map((state) => ({ value: state, label: say(`ui.state.${state}`) })),
        ]}
      />
      {chosen.agreement !== undefined && (
        <Chip label={say("usage.invoices.ofAgreement")} onRemove={() => onChange({ ...chosen, agreement: undefined })} />
      )}
    </>
  );
}
