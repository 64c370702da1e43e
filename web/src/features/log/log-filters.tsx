// The filters of the event log, each kept in the address.
import { useSay } from "@/lib/say";
import { useZone } from "@/lib/viewer";
import { SelectField } from "@/ui/choice-field";
import { DateRangeField } from "@/ui/date-range-field";
import { DelayedSearch } from "@/ui/delayed-search";
import styles from "../operate/operate.module.css";
import { ClearFilters } from "../operate/parts";
import { eventKinds } from "./event-kinds";
import type { LogChoice } from "./log-table";

interface Props {
  choice: LogChoice;
  narrow: (next: LogChoice) => void;
  onClear: () => void;
}

export function LogFilters({ choice, narrow, onClear }: Props) {
  const say = useSay();
  const { stream, kind, actor, correlation, from, until } = choice;
  const isFiltered = [stream, kind, actor, correlation, from, until].some((value) => value !== undefined);
  const text = (field: "stream" | "actor" | "correlation", placeholder: string) => (
    <DelayedSearch
      label={say(`operate.log.${field}`)}
      placeholder={placeholder}
      value={choice[field] ?? ""}
      onSearch={(next) => narrow({ [field]: next === "" ? undefined : next })}
    />
  );
  return (
    <>
      {text("stream", "invoice, listing-lst_…")}
      <SelectField
        label={say("operate.log.kind")}
        value={kind ?? "all"}
        onChange={(next) => narrow({ kind: next === "all" ? undefined : next })}
        choices={[{ value: "all", label: say("operate.filters.all") }, ...kindsWith(kind).map((value) => ({ value, label: value }))]}
      />
      {text("actor", "mem_…, key_…, policy:…")}
      {text("correlation", "UUID")}
      <div className={styles.whole}>
        <DateRangeField
          label={say("operate.log.when")}
          zone={useZone()}
          presets={["today", "week", "month", "all"]}
          value={{ from: from ?? "", until: until ?? "" }}
          onChange={(range) => narrow({ from: range.from === "" ? undefined : range.from, until: range.until === "" ? undefined : range.until })}
        />
      </div>
      <ClearFilters isFiltered={isFiltered} onClear={onClear} />
    </>
  );
}

/** The known kinds, and the one in the address where it is none of them. */
function kindsWith(kind: string | undefined): string[] {
  return kind === undefined || eventKinds.includes(kind) ? [...eventKinds] : [...eventKinds, kind];
}
