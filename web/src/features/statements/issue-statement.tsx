// Closing the month of a statement. Before the month is over it asks once.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import type { ButtonSize } from "@/ui/button-class";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { Money } from "@/ui/numbers";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import { OperateIssueStatement, type OperateStatementRowFragment } from "./operate-statements.generated";

export function IssueStatement({ statement, size }: { statement: OperateStatementRowFragment; size?: ButtonSize }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, clear } = useAct(OperateIssueStatement, (data) => data.issueStatement);
  const [isOpen, setOpen] = useState(false);
  if (statement.state !== "OPEN") return null;
  const isEarly = Date.parse(statement.period.end) > Date.now();
  const issue = async () => {
    if ((await run({ statementId: statement.id, early: isEarly })) === null) return false;
    toast({ title: say("operate.statements.issued", { seller: statement.seller.name }), tone: "good" });
    return true;
  };
  return (
    <ConfirmDialog
      title={say(isEarly ? "operate.statements.issueEarly.title" : "operate.statements.issue.title", { seller: statement.seller.name })}
      body={
        <div className={styles.gap}>
          <p>{say(isEarly ? "operate.statements.issueEarly.body" : "operate.statements.issue.body")}</p>
          <p>
            {say("operate.statements.share")}: <Money {...statement.share} />
          </p>
          <FormErrors errors={inWords(errors)} />
        </div>
      }
      confirmLabel={say(isEarly ? "operate.statements.issueEarly" : "operate.statements.issue")}
      tone={isEarly ? "danger" : "neutral"}
      trigger={<Button {...(size === undefined ? {} : { size })}>{say(isEarly ? "operate.statements.issueEarly" : "operate.statements.issue")}</Button>}
      isOpen={isOpen}
      onOpenChange={(next) => (clear(), setOpen(next))}
      onConfirm={issue}
    />
  );
}
