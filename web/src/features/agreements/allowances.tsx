// The free allowances of an agreement as they stand, one stick per meter.
import { useSay } from "@/lib/say";
import { AllowanceMeter } from "@/ui/allowance-meter";
import { Card } from "@/ui/page";
import { Instant } from "@/ui/time";
import styles from "./agreements.module.css";
import type { AllowanceStateFragment } from "./agreements.generated";

export function Allowances({ allowance }: { allowance: readonly AllowanceStateFragment[] }) {
  const say = useSay();
  const granted = allowance.filter(({ included }) => included !== "0");
  if (granted.length === 0) return <p>{say("usage.agreements.noAllowance")}</p>;
  return (
    <div className={styles.sticks}>
      {granted.map(({ meter, resetsAt, included, used, held, valueAdded }) => (
        <Card key={meter}>
          <AllowanceMeter meter={meter} included={included} used={used} held={held} valueAdded={valueAdded} />
          <p className={styles.reset}>
            {say("usage.agreements.resets")} <Instant value={resetsAt} />
          </p>
        </Card>
      ))}
    </div>
  );
}
