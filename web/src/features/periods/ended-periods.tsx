// How many periods wait to be closed, and closing all of them with progress.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { groupDigits } from "@/lib/numbers";
import { useRefusals } from "@/lib/refusals";
import { useApiLanguage, useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Money } from "@/ui/numbers";
import { Card } from "@/ui/page";
import { Notice, Progress } from "@/ui/state";
import styles from "../operate/operate.module.css";
import { useCloseAll, type Closings } from "./close-all";
import { OperateDrafts, OperateOpenPeriods } from "./operate-periods.generated";

export function EndedPeriods() {
  const say = useSay();
  const language = useApiLanguage();
  const [{ data }] = useQuery({ query: OperateOpenPeriods, variables: { first: 1, after: null, filter: { endedOnly: true }, language } });
  const { closings, start, stop } = useCloseAll();
  const count = data?.openPeriods.totalCount ?? "0";
  const isRunning = closings.phase === "running";
  return (
    <Card>
      <div className={styles.gap}>
        <p>{say("operate.periods.ended.count", { count: Number(count), shown: groupDigits(count) })}</p>
        <Closed closings={closings} />
        <div className={styles.actions}>
          <Button variant="primary" isPending={isRunning} isDisabled={count === "0"} onPress={start}>
            {say("operate.periods.closeAll")}
          </Button>
          {isRunning && <Button onPress={stop}>{say("operate.periods.stop")}</Button>}
        </div>
        <Drafts />
      </div>
    </Card>
  );
}

function Closed({ closings: { phase, total, invoices, refused } }: { closings: Closings }) {
  const say = useSay();
  const inWords = useRefusals("operate.refusal");
  if (phase === "idle") return null;
  const done = invoices.length + refused.length;
  return (
    <div className={styles.gap} aria-live="polite">
      <Progress value={total === 0 ? 0 : done / total} label={say("operate.periods.closing")} text={say("operate.periods.progress", { done, total })} />
      {phase === "failed" && <Notice tone="danger" title={say("operate.periods.failed")}>{say("operate.periods.failed.body")}</Notice>}
      {phase === "stopped" && <Notice>{say("operate.periods.stopped")}</Notice>}
      {invoices.length > 0 && (
        <ul>
          {invoices.map(({ id, total: amount }) => (
            <li key={id}>
              <Link to="/operate/invoices/$id" params={{ id }}>
                {id}
              </Link>{" "}
              {amount !== null && <Money {...amount} />}
            </li>
          ))}
        </ul>
      )}
      {refused.length > 0 && (
        <Notice tone="attention" title={say("operate.periods.refused")}>
          <ul>
            {refused.map(({ open, refusal }) => (
              <li key={`${open.agreement.id} ${open.period.start}`}>
                <bdi>{open.agreement.buyer.name}</bdi> · <bdi>{open.agreement.listing.name}</bdi>: {inWords([refusal])[0]?.message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}

/** Drafts are invoices whose period is closed and whose usage isn't rated yet: none should stay long. */
function Drafts() {
  const say = useSay();
  const [{ data }] = useQuery({ query: OperateDrafts, variables: { first: 1 } });
  const count = data?.invoices.totalCount ?? "0";
  if (count === "0") return null;
  return (
    <p>
      <Link to="/operate/invoices" search={{ state: "DRAFT" }}>
        {say("operate.periods.drafts", { count: Number(count), shown: groupDigits(count) })}
      </Link>
    </p>
  );
}
