// Anybody who holds a receipt verifies it here; nobody has to be signed in.
import { Suspense } from "react";
import { VerifyForm } from "@/features/receipts/verify-form";
import { useHead } from "@/lib/head";
import { AreaLanguage } from "@/lib/intl";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";
import { Skeleton } from "@/ui/state";
import page from "./page.module.css";

export function VerifyReceiptPage() {
  return (
    <div className={page.wide}>
      <Suspense fallback={<Skeleton lines={12} />}>
        <AreaLanguage area="receipt">
          <Page />
        </AreaLanguage>
      </Suspense>
    </div>
  );
}

function Page() {
  const say = useSay();
  useHead(say("receipt.verify.title"));
  return (
    <>
      <PageHeader title={say("receipt.verify.title")} lead={say("receipt.verify.lead")} />
      <VerifyForm />
    </>
  );
}
