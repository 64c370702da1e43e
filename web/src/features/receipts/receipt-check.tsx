// A receipt, verified in the page step by step: what was computed, and whether it held.
import { FormattedMessage } from "react-intl";
import type { Checked, Outcome, Reason } from "@/lib/receipts/receipt";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Notice, Skeleton } from "@/ui/state";
import { ReceiptFacts } from "./receipt-facts";
import { useCheck } from "./use-check";
import styles from "./receipts.module.css";

interface Props {
  file: string;
  /** The keys that are trusted, as verifiers write them. */
  keys: readonly string[];
}

export function ReceiptCheck({ file, keys }: Props) {
  const checked = useCheck(file, keys);
  if (checked === null) return <Skeleton lines={8} />;
  return (
    <div className={styles.stack}>
      <div role="status">
        <Verdict checked={checked} />
      </div>
      <ol className={styles.steps}>
        {checked.outcomes.map((outcome) => (
          <Step key={outcome.step} outcome={outcome} />
        ))}
      </ol>
      <ReceiptFacts checked={checked} />
    </div>
  );
}

/** What a browser lacks says nothing of the receipt. */
const UNCHECKED: readonly Reason[] = ["noEd25519", "noCryptography"];

function Verdict({ checked: { outcomes } }: { checked: Checked }) {
  const say = useSay();
  const failed = outcomes.find((outcome) => outcome.state === "failed");
  if (failed === undefined) return <Notice tone="good">{say("receipt.verdict.good")}</Notice>;
  if (UNCHECKED.includes(failed.reason)) return <Notice tone="attention">{say("receipt.verdict.unchecked")}</Notice>;
  return (
    <Notice tone="danger" title={say("receipt.verdict.failed", { step: say(`receipt.step.${failed.step}`) })}>
      {say(failed.reason === "keyUnknown" ? "receipt.verdict.failed.key" : "receipt.verdict.failed.next")}
    </Notice>
  );
}

const TONES = { passed: "good", failed: "danger", notReached: "faint" } as const;

function Step({ outcome }: { outcome: Outcome }) {
  const say = useSay();
  const { step, state } = outcome;
  return (
    <li className={styles.step} data-step={step} data-state={state}>
      <p className={styles.name}>
        <strong>{say(`receipt.step.${step}`)}</strong>
        <Badge tone={TONES[state]}>{say(`receipt.state.${state}`)}</Badge>
      </p>
      <p className={styles.told}>
        <FormattedMessage id={`receipt.step.${step}.told`} />
      </p>
      {outcome.state === "failed" && <p className={styles.reason}>{say(`receipt.reason.${outcome.reason}`)}</p>}
    </li>
  );
}
