// Which invoices are shown.
import type { ReactNode } from "react";
import type { InvoiceState } from "@/gql/types";
import { useSay } from "@/lib/say";
import { SelectField } from "@/ui/choice-field";
import { Chip } from "@/ui/chip";
import { Toolbar } from "@/ui/page";
import { INVOICE_STATES, type InvoiceChoice } from "./choice";

interface Props {
  chosen: InvoiceChoice;
  onChange: (chosen: InvoiceChoice) => void;
  children: ReactNode;
}

export function InvoiceFilters({ chosen, onChange, children }: Props) {
  const say = useSay();
  return (
    <Toolbar label={say("usage.filters")}>
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
      {children}
    </Toolbar>
  );
}
