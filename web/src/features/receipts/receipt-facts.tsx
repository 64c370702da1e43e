// What a receipt says: the call, what it used, and the checkpoint with the key that signed it.
import type { Checked } from "@/lib/receipts/receipt";
import type { MeterName } from "@/lib/meters";
import { groupDigits } from "@/lib/numbers";
import { toBase64 } from "@/lib/receipts/bytes";
import { useSay } from "@/lib/say";
import { ClassBadge, type UsageClassName } from "@/ui/badge";
import { Quantity, useMeterNoun } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import { Notice } from "@/ui/state";
import { Instant } from "@/ui/time";
import styles from "./receipts.module.css";

export function ReceiptFacts({ checked: { outcomes, record, checkpoint, key } }: { checked: Checked }) {
  const say = useSay();
  const noun = useMeterNoun();
  if (record === null || checkpoint === null) return null;
  const isProved = outcomes.every(({ state }) => state === "passed");
  return (
    <>
      {isProved ? <h3 className={styles.title}>{say("receipt.proved")}</h3> : <Notice tone="attention">{say("receipt.unproved")}</Notice>}
      <KeyValue
        entries={[
          [say(record.isReport ? "receipt.report" : "receipt.call"), <code key="call">{record.invocation}</code>],
          // A report may name none.
          [say("receipt.capability"), record.capability === "" ? null : <code key="capability">{record.capability}</code>],
          [say("receipt.agreement"), <code key="agreement">{record.agreement}</code>],
          [say("receipt.sequence"), groupDigits(String(record.sequence))],
          [say("receipt.buyer"), <code key="buyer">{record.buyer}</code>],
          [say("receipt.seller"), <code key="seller">{record.seller}</code>],
          [
            say(record.isReport ? "receipt.used" : "receipt.admitted"),
            <Instant key="admitted" value={new Date(record.admittedAt).toISOString()} format="exact" />,
          ],
          ...record.lines.map(({ meter, free, valueAdded }, index): [string, React.ReactNode] => [
            meter === null ? say("receipt.meter") : noun(meter),
            <span key={index} className={styles.split}>
              <Units of="FREE" units={free} meter={meter} />
              <Units of="VALUE_ADDED" units={valueAdded} meter={meter} />
            </span>,
          ]),
          [say("receipt.origin"), <code key="origin">{checkpoint.origin}</code>],
          [say("receipt.size"), groupDigits(String(checkpoint.size))],
          [
            say("receipt.root"),
            <code key="root" className={styles.long}>
              {toBase64(checkpoint.root)}
            </code>,
          ],
          [
            say("receipt.key"),
            key === null ? null : (
              <code key="key" className={styles.long}>
                {key}
              </code>
            ),
          ],
        ]}
      />
    </>
  );
}

interface UnitsProps {
  of: UsageClassName;
  units: bigint;
  /** Null where the record names a meter that this page does not know. */
  meter: MeterName | null;
}

function Units({ of, units, meter }: UnitsProps) {
  return (
    <span className={styles.class}>
      <ClassBadge value={of} /> <Quantity value={String(units)} meter={meter ?? undefined} />
    </span>
  );
}
