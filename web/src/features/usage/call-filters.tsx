// Which calls are shown.
import type { ReactNode } from "react";
import { useSay } from "@/lib/say";
import { oneOf } from "@/lib/search";
import { useZone } from "@/lib/viewer";
import { DateRangeField } from "@/ui/date-range-field";
import { Toolbar } from "@/ui/page";
import { CLASSES, type CallChoice } from "./call-choice";
import { ChoiceSelect } from "./choice-select";
import { useChoices } from "./use-choices";
import styles from "./usage.module.css";

interface Props {
  chosen: CallChoice;
  onChange: (chosen: CallChoice) => void;
  children: ReactNode;
}

export function CallFilters({ chosen, onChange, children }: Props) {
  const say = useSay();
  const { capabilities, agreements, principals } = useChoices();
  const change = (fields: CallChoice) => onChange({ ...chosen, ...fields });
  return (
    <div className={styles.filters}>
      <DateRangeField
        label={say("usage.days")}
        zone={useZone()}
        value={{ from: chosen.from ?? "", until: chosen.until ?? "" }}
        onChange={({ from, until }) => change({ from: from === "" ? undefined : from, until: until === "" ? undefined : until })}
      />
      <Toolbar label={say("usage.filters")}>
        <ChoiceSelect label={say("usage.capability")} value={chosen.capability} choices={capabilities} onChange={(capability) => change({ capability })} />
        <ChoiceSelect label={say("usage.agreement")} value={chosen.agreement} choices={agreements} onChange={(agreement) => change({ agreement })} />
        <ChoiceSelect label={say("usage.caller")} value={chosen.principal} choices={principals} onChange={(principal) => change({ principal })} />
        <ChoiceSelect
          label={say("usage.class")}
          value={chosen.class}
          choices={CLASSES.map((value) => ({ value, label: say(`ui.class.${value}`) }))}
          onChange={(value) => change({ class: oneOf(CLASSES, value) })}
        />
        {children}
      </Toolbar>
    </div>
  );
}
