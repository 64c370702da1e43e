// Free allowance left under each agreement in force, per meter.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { shareOf } from "@/lib/numbers";
import { AllowanceMeter } from "@/ui/allowance-meter";
import { Card } from "@/ui/page";
import { Instant } from "@/ui/time";
import type { AgreementRowFragment, AllowanceStateFragment } from "../agreements/agreements.generated";
import styles from "./glance.module.css";

interface Props {
  agreements: readonly AgreementRowFragment[];
  /** What has changed since they were read, by agreement. */
  latest: ReadonlyMap<string, readonly AllowanceStateFragment[]>;
}

export function GlanceAllowances({ agreements, latest }: Props) {
  const say = useSay();
  const sticks = agreements
    .filter(({ state }) => state === "IN_FORCE")
    .flatMap((agreement) => agreement.allowance.filter(({ included }) => included !== "0").map((read) => ({ agreement, read })))
    // Ordered as they were when read, so that no stick jumps away while one looks at it.
    .sort((a, b) => shareOf(a.read.remaining, a.read.included) - shareOf(b.read.remaining, b.read.included));
  if (sticks.length === 0) return <p>{say("usage.glance.noAllowance")}</p>;
  return (
    <div className={styles.sticks}>
      {sticks.map(({ agreement: { id, listing }, read }) => {
        const status = latest.get(id)?.find(({ meter }) => meter === read.meter) ?? read;
        return (
          <Card key={`${id} ${read.meter}`}>
            <h3 className={styles.name}>
              <Link to="/usage/agreements/$id" params={{ id }}>
                <bdi>{listing.name}</bdi>
              </Link>
            </h3>
            <AllowanceMeter meter={status.meter} included={status.included} used={status.used} held={status.held} valueAdded={status.valueAdded} />
            <p className={styles.reset}>
              {say("usage.agreements.resets")} <Instant value={status.resetsAt} />
            </p>
          </Card>
        );
      })}
    </div>
  );
}
