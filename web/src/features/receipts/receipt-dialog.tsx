// A call's receipt, fetched when asked for and verified here.
import { Suspense, useState } from "react";
import { useQuery } from "urql";
import { AreaLanguage } from "@/lib/intl";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/state";
import { ReceiptCheck } from "./receipt-check";
import { Receipt } from "./receipts.generated";
import { SaveReceipt } from "./save-receipt";
import styles from "./receipts.module.css";

/** The button beside a call; `of` says of which, for those who only hear it. */
export function ReceiptDialog({ id, of }: { id: string; of: string }) {
  const say = useSay();
  const [isOpen, setOpen] = useState(false);
  const trigger = (
    <Button variant="quiet" size="small" aria-label={say("ui.receipt.open.of", { of })}>
      {say("ui.receipt.open")}
    </Button>
  );
  return (
    <Dialog title={say("ui.receipt")} trigger={trigger} isOpen={isOpen} onOpenChange={setOpen} isWide>
      {isOpen && <VerifiedReceipt id={id} />}
    </Dialog>
  );
}

/** The receipt of a call with every step of its proof. */
export function VerifiedReceipt({ id }: { id: string }) {
  return (
    <Suspense fallback={<Skeleton lines={8} />}>
      <AreaLanguage area="receipt">
        <Verified id={id} />
      </AreaLanguage>
    </Suspense>
  );
}

function Verified({ id }: { id: string }) {
  const [{ data, error }, reread] = useQuery({ query: Receipt, variables: { id }, requestPolicy: "network-only" });
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={8} /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
  }
  const { receipt, checkpointKeys } = data;
  return (
    <div className={styles.stack}>
      <ReceiptCheck file={receipt.file} keys={checkpointKeys.map(({ key }) => key)} />
      <SaveReceipt id={receipt.id} file={receipt.file} />
    </div>
  );
}
