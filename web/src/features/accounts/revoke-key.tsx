// Stops an API key for good, after asking once.
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { useToast } from "@/ui/toast";
import { RevokeApiKey, type ApiKeyRowFragment } from "./api-keys.generated";

export function RevokeKey({ apiKey }: { apiKey: ApiKeyRowFragment }) {
  const say = useSay();
  const toast = useToast();
  const { run, errors } = useAct(RevokeApiKey, (data) => data.revokeApiKey);
  const worded = useRefusals("usage.refusal")(errors);
  const revoke = async () => {
    if ((await run({ apiKeyId: apiKey.id })) === null) return false;
    toast({ title: say("usage.keys.revoked.done", { label: apiKey.label }) });
    return true;
  };
  return (
    <ConfirmDialog
      title={say("usage.keys.revoke.title", { label: apiKey.label })}
      body={
        <>
          <p>{say("usage.keys.revoke.body")}</p>
          <FormErrors errors={worded} />
        </>
      }
      confirmLabel={say("usage.keys.revoke")}
      tone="danger"
      trigger={
        <Button size="small" variant="quiet" aria-label={say("usage.keys.revoke.title", { label: apiKey.label })}>
          {say("usage.keys.revoke")}
        </Button>
      }
      onConfirm={revoke}
    />
  );
}
