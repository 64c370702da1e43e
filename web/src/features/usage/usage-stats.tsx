// The sums of a usage series.
import { addDecimals, compareDecimals } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Percent, Quantity, useMeterNoun } from "@/ui/numbers";
import { Stat, StatRow } from "@/ui/stat";
import { Charges } from "./group-table";
import { perMille } from "./share";
import type { UsageByQuery } from "./usage.generated";

export function UsageStats({ total }: { total: UsageByQuery["usage"]["total"] }) {
  const say = useSay();
  const unit = useMeterNoun();
  const used = total.meters.filter(({ free, valueAdded }) => compareDecimals(addDecimals(free, valueAdded), "0") > 0);
  return (
    <StatRow>
      <Stat
        label={say("usage.calls")}
        value={<Quantity value={total.calls} />}
        note={
          <>
            <Quantity value={total.freeCalls} /> {say("ui.class.FREE")} · <Percent ratio={perMille(total.freeCalls, total.calls)} />
          </>
        }
      />
      {used.slice(0, 3).map(({ meter, free, valueAdded }) => (
        <Stat
          key={meter}
          label={say("usage.explore.metered", { unit: unit(meter) })}
          value={<Quantity value={addDecimals(free, valueAdded)} />}
          note={
            <>
              <Quantity value={free} /> {say("ui.class.FREE")} · <Quantity value={valueAdded} /> {say("ui.class.VALUE_ADDED")}
            </>
          }
        />
      ))}
      <Stat label={say("usage.calls.charge")} value={<Charges charges={total.estimatedCharges} />} note={say("usage.explore.charge.note")} />
    </StatRow>
  );
}
