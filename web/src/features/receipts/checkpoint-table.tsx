// Published checkpoints, the latest first.
import { groupDigits } from "@/lib/numbers";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { CopyButton } from "@/ui/copy-button";
import { QueryTable } from "@/ui/query-table";
import { Instant } from "@/ui/time";
import operate from "../operate/operate.module.css";
import { Checkpoints } from "./receipts.generated";
import styles from "./receipts.module.css";

export function CheckpointTable({ choice, go }: { choice: Paging; go: (choice: Paging) => void }) {
  const say = useSay();
  return (
    <QueryTable
      query={Checkpoints}
      variables={(page) => page}
      pick={(data) => data.checkpoints}
      caption={say("operate.checkpoints.title")}
      columns={[
        { key: "signedAt", header: say("operate.checkpoints.signedAt"), isRowHeader: true, cell: ({ signedAt }) => <Instant value={signedAt} format="exact" /> },
        { key: "size", header: say("operate.checkpoints.size"), align: "end", cell: ({ size }) => groupDigits(size) },
        { key: "root", header: say("operate.checkpoints.root"), cell: ({ rootHash }) => <code className={styles.whole}>{rootHash}</code> },
        {
          key: "key",
          header: say("operate.checkpoints.key"),
          cell: ({ key }) => (
            <code className={operate.mono} title={key}>
              {key.split("+")[1]}
            </code>
          ),
        },
        {
          key: "note",
          header: say("operate.checkpoints.note"),
          cell: ({ note, size }) => <CopyButton text={note} label={say("operate.checkpoints.copy", { size: groupDigits(size) })} variant="quiet" />,
        },
      ]}
      rowKey={({ size }) => size}
      paging={choice}
      go={go}
      empty={say("operate.checkpoints.empty")}
      csv={{
        filename: "checkpoints.csv",
        columns: [
          { header: say("operate.checkpoints.signedAt"), value: ({ signedAt }) => signedAt },
          { header: say("operate.checkpoints.size"), value: ({ size }) => size },
          { header: say("operate.checkpoints.root"), value: ({ rootHash }) => rootHash },
          { header: say("operate.checkpoints.key"), value: ({ key }) => key },
        ],
      }}
    />
  );
}
