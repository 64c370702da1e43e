// How usage is grouped, and which of it is shown.
import type { ReactNode } from "react";
import { METERS } from "@/lib/meters";
import { countedFrom } from "@/lib/counted-days";
import { oneOf } from "@/lib/search";
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SelectField } from "@/ui/choice-field";
import { DateRangeField } from "@/ui/date-range-field";
import { Toolbar } from "@/ui/page";
import { useMeterNoun } from "@/ui/numbers";
import { ChoiceSelect } from "./choice-select";
import { exploreRange, GROUPINGS, type ExploreChoice } from "./explore-choice";
import { useChoices } from "./use-choices";
import styles from "./usage.module.css";

interface Props {
  chosen: ExploreChoice;
  onChange: (chosen: ExploreChoice) => void;
  children: ReactNode;
}

export function ExploreFilters({ chosen, onChange, children }: Props) {
  const say = useSay();
  const zone = useZone();
  const unit = useMeterNoun();
  const { capabilities, agreements, principals } = useChoices();
  const change = (fields: ExploreChoice) => onChange({ ...chosen, ...fields });
  return (
    <div className={styles.filters}>
      <DateRangeField
        label={say("usage.days")}
        presets={["today", "week", "month", "quarter", "thisMonth"]}
        zone={zone}
        countedFrom={countedFrom(new Date().toISOString(), zone)}
        value={exploreRange(chosen, zone)}
        onChange={({ from, until }) => change({ from: from === "" ? undefined : from, until: until === "" ? undefined : until })}
      />
      <Toolbar label={say("usage.filters")}>
        <SelectField
          label={say("usage.explore.by")}
          value={chosen.by ?? "DAY"}
          onChange={(by) => change({ by: by === "DAY" ? undefined : by })}
          choices={GROUPINGS.map((value) => ({ value, label: say(`usage.explore.by.${value}`) }))}
        />
        <ChoiceSelect label={say("usage.capability")} value={chosen.capability} choices={capabilities} onChange={(capability) => change({ capability })} />
        <ChoiceSelect label={say("usage.agreement")} value={chosen.agreement} choices={agreements} onChange={(agreement) => change({ agreement })} />
        <ChoiceSelect label={say("usage.caller")} value={chosen.principal} choices={principals} onChange={(principal) => change({ principal })} />
        <ChoiceSelect
          label={say("usage.meter")}
          value={chosen.meter}
          choices={METERS.map((value) => ({ value, label: unit(value) }))}
          onChange={(meter) => change({ meter: oneOf(METERS, meter) })}
        />
        {children}
      </Toolbar>
    </div>
  );
}
