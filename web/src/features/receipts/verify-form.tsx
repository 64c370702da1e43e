// Opens or takes a pasted receipt and verifies it in the page, against the platform's keys or one that was noted down.
import { useState } from "react";
import { useQuery } from "urql";
import { FILE_BYTES_MAX } from "@/lib/receipts/receipt";
import { useSay } from "@/lib/say";
import { classNames } from "@/ui/class-names";
import { Failure } from "@/ui/failure";
import { FileField } from "@/ui/file-field";
import { Section } from "@/ui/page";
import { TextField } from "@/ui/text-field";
import { ReceiptCheck } from "./receipt-check";
import { CheckpointKeys } from "./receipts.generated";
import { TrustedKeys } from "./trusted-keys";
import styles from "./receipts.module.css";

export function VerifyForm() {
  const say = useSay();
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState("");
  const [own, setOwn] = useState("");
  const [{ data, error }, reread] = useQuery({ query: CheckpointKeys });
  const take = async (chosen: File | null) => {
    setFile(chosen);
    setText(chosen === null ? "" : await chosen.text());
  };
  const told = data?.checkpointKeys ?? [];
  const keys = own.trim() === "" ? told.map(({ key }) => key) : [own.trim()];
  return (
    <div className={styles.stack}>
      <Section title={say("receipt.verify.file")} note={say("receipt.verify.file.note")}>
        <div className={classNames(styles.stack, styles.code)}>
          <FileField label={say("receipt.verify.open")} file={file} onChange={(chosen) => void take(chosen)} accept={[".json"]} maxBytes={FILE_BYTES_MAX} />
          <TextField label={say("receipt.verify.paste")} value={text} onChange={setText} isMultiline rows={6} />
        </div>
      </Section>
      <Section title={say("receipt.verify.keys")} note={say("receipt.verify.keys.note")}>
        <div className={classNames(styles.stack, styles.code)}>
          {error !== undefined && data === undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
          <TrustedKeys keys={told} />
          <TextField label={say("receipt.verify.own")} description={say("receipt.verify.own.note")} value={own} onChange={setOwn} />
        </div>
      </Section>
      {text.trim() !== "" && (
        <Section title={say("receipt.verify.result")}>
          <ReceiptCheck file={text} keys={keys} />
        </Section>
      )}
    </div>
  );
}
