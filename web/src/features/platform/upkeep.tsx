// Work on the platform's own files: views built anew, and backups. It goes on when the page is left, and is found again.
import { useEffect } from "react";
import { useQuery } from "urql";
import { useAct } from "@/lib/act";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { DataTable, type Column } from "@/ui/data-table";
import { Failure } from "@/ui/failure";
import { FormErrors } from "@/ui/form-errors";
import { Section } from "@/ui/page";
import { Notice, Progress, Skeleton } from "@/ui/state";
import { Instant } from "@/ui/time";
import styles from "../operate/operate.module.css";
import { Size } from "./health-sections";
import {
  OperateRebuildViews,
  OperateTakeBackup,
  OperateUpkeep,
  type OperateUpkeepJobFragment,
  type OperateUpkeepStateFragment,
} from "./operate-upkeep.generated";

type Backup = OperateUpkeepStateFragment["backups"][number];

/** Between two looks at work under way, in milliseconds. */
const INTERVAL = 1_000;

export function UpkeepSections() {
  const [{ data, error, fetching }, reread] = useQuery({ query: OperateUpkeep, requestPolicy: "cache-and-network" });
  const rebuild = useAct(OperateRebuildViews, (answer) => answer.rebuildViews);
  const backup = useAct(OperateTakeBackup, (answer) => answer.takeBackup);
  const upkeep = data?.upkeep;
  const isRunning = upkeep?.rebuild.state === "RUNNING" || upkeep?.backup.state === "RUNNING";
  useEffect(() => {
    if (!isRunning || fetching) return;
    const timer = setTimeout(() => reread({ requestPolicy: "network-only" }), INTERVAL);
    return () => clearTimeout(timer);
  }, [isRunning, fetching, reread]);
  const begin = async (run: (input: object) => Promise<unknown>) => {
    if ((await run({})) !== null) reread({ requestPolicy: "network-only" });
  };
  if (upkeep === undefined) {
    return error === undefined ? <Skeleton lines={4} /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
  }
  return (
    <>
      <Rebuild job={upkeep.rebuild} act={rebuild} onBegin={() => void begin(rebuild.run)} />
      {upkeep.isBackedUpHere ? <Backups upkeep={upkeep} act={backup} onBegin={() => void begin(backup.run)} /> : <BackedUpElsewhere />}
    </>
  );
}

type Act = Pick<ReturnType<typeof useAct>, "isPending" | "errors">;

function Rebuild({ job, act, onBegin }: { job: OperateUpkeepJobFragment; act: Act; onBegin: () => void }) {
  const say = useSay();
  return (
    <Section
      title={say("operate.upkeep.rebuild")}
      note={say("operate.upkeep.rebuild.note")}
      actions={
        <Button size="small" isPending={act.isPending} isDisabled={job.state === "RUNNING"} onPress={onBegin}>
          {say("operate.upkeep.rebuild.begin")}
        </Button>
      }
    >
      <div className={styles.gap}>
        <FormErrors errors={act.errors} />
        <Job job={job} label={say("operate.upkeep.rebuild.running")} />
      </div>
    </Section>
  );
}

function Backups({ upkeep, act, onBegin }: { upkeep: OperateUpkeepStateFragment; act: Act; onBegin: () => void }) {
  const say = useSay();
  const columns: Column<Backup>[] = [
    { key: "takenAt", header: say("operate.upkeep.takenAt"), isRowHeader: true, cell: ({ takenAt }) => <Instant value={takenAt} /> },
    { key: "name", header: say("operate.upkeep.directory"), cell: ({ name }) => <code>{name}</code> },
    { key: "events", header: say("operate.upkeep.events"), align: "end", cell: ({ events }) => groupDigits(events) },
    { key: "bytes", header: say("operate.upkeep.size"), align: "end", cell: ({ bytes }) => <Size bytes={bytes} /> },
    {
      key: "incarnation",
      header: say("operate.upkeep.history"),
      cell: ({ incarnation }) => say(incarnation === upkeep.incarnation ? "operate.upkeep.history.this" : "operate.upkeep.history.other"),
    },
  ];
  return (
    <Section
      title={say("operate.upkeep.backups")}
      note={say("operate.upkeep.backups.note")}
      actions={
        <Button size="small" isPending={act.isPending} isDisabled={upkeep.backup.state === "RUNNING"} onPress={onBegin}>
          {say("operate.upkeep.backup.begin")}
        </Button>
      }
    >
      <div className={styles.gap}>
        <FormErrors errors={act.errors} />
        <Job job={upkeep.backup} label={say("operate.upkeep.backup.running")} />
        <DataTable
          caption={say("operate.upkeep.backups")}
          columns={columns}
          rows={upkeep.backups}
          rowKey={({ name }) => name}
          empty={say("operate.upkeep.noBackups")}
        />
      </div>
    </Section>
  );
}

function BackedUpElsewhere() {
  const say = useSay();
  return (
    <Section title={say("operate.upkeep.backups")}>
      <Notice>{say("operate.upkeep.backup.elsewhere")}</Notice>
    </Section>
  );
}

/** How far work is; nothing where it was never begun. */
function Job({ job, label }: { job: OperateUpkeepJobFragment; label: string }) {
  const say = useSay();
  switch (job.state) {
    case "IDLE":
      return null;
    case "RUNNING":
      return <Progress value={share(job)} label={label} text={say(job.total === "0" ? "operate.upkeep.begun" : "operate.upkeep.done", { done: groupDigits(job.done), total: groupDigits(job.total) })} />;
    case "DONE":
      return (
        <Notice tone="good">
          {say("operate.upkeep.ended")} <Instant value={job.endedAt ?? ""} />
        </Notice>
      );
    case "FAILED":
      return (
        <Notice
          tone="danger"
          title={
            <>
              {say("operate.upkeep.failed")} · <Instant value={job.endedAt ?? ""} />
            </>
          }
        >
          {say("operate.upkeep.failed.body")}
        </Notice>
      );
  }
}

/** From 0 to 1, in thousandths. */
function share({ done, total }: OperateUpkeepJobFragment): number {
  const all = BigInt(total);
  return all === 0n ? 0 : Number((BigInt(done) * 1_000n) / all) / 1_000;
}
