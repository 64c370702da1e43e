// Whether the platform keeps up with its log, in one line that follows it.
import { Link } from "@tanstack/react-router";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { LiveDot, Notice } from "@/ui/state";
import styles from "./market-overview.module.css";
import { usePlatform } from "./use-platform";

export function StatusLine() {
  const say = useSay();
  const { status, live } = usePlatform();
  if (status === null) return <LiveDot state={live} />;
  const resting = status.upstreams.filter(({ state }) => state === "RESTING").length;
  const isWell = status.parked.length === 0 && resting === 0;
  const values = { lag: groupDigits(status.viewsLag), head: groupDigits(status.log.head) };
  return (
    <div className={styles.status}>
      <Notice tone={status.parked.length > 0 ? "danger" : isWell ? "good" : "attention"}>
        <p className={styles.line}>
          <span>
            {say(status.parked.length > 0 ? "operate.home.parked" : status.viewsLag === "0" ? "operate.home.current" : "operate.home.keepsUp", values)}{" "}
            {resting > 0 && say("operate.home.resting", { count: resting })} <Link to="/operate/health">{say("operate.home.toHealth")}</Link>
          </span>
          <LiveDot state={live} />
        </p>
      </Notice>
    </div>
  );
}
