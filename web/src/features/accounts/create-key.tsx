// The form for a new API key. Its secret is given to the page, which shows it once.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { useViewer } from "@/lib/viewer";
import { Button } from "@/ui/button";
import { CheckboxesField } from "@/ui/choice-field";
import { Dialog } from "@/ui/dialog";
import { fieldError } from "@/ui/form-errors";
import { Icon } from "@/ui/icons";
import { TextField } from "@/ui/text-field";
import { AccountForm } from "./account-form";
import { CreateApiKey } from "./api-keys.generated";
import { KEY_SCOPES, type KeyScope } from "./roles";

/** A key that was just made. */
export interface MadeKey {
  label: string;
  secret: string;
}

export function CreateKey({ onMade }: { onMade: (key: MadeKey) => void }) {
  const say = useSay();
  const trigger = (
    <Button variant="primary" icon={<Icon name="plus" />}>
      {say("usage.keys.create")}
    </Button>
  );
  return (
    <Dialog title={say("usage.keys.create")} trigger={trigger}>
      {(close) => (
        <KeyForm
          onMade={(key) => {
            onMade(key);
            close();
          }}
        />
      )}
    </Dialog>
  );
}

function KeyForm({ onMade }: { onMade: (key: MadeKey) => void }) {
  const say = useSay();
  const held = useViewer()?.scopes ?? [];
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<KeyScope[]>(["INVOKE", "USAGE_READ"]);
  const { run, isPending, errors } = useAct(CreateApiKey, (data) => data.createApiKey);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    const answer = await run({ label: label.trim(), scopes });
    if (answer?.secret != null) onMade({ label: label.trim(), secret: answer.secret });
  };
  return (
    <AccountForm
      errors={worded}
      fields={["label", "scopes"]}
      submitLabel={say("usage.keys.create")}
      isPending={isPending}
      isDisabled={label.trim() === "" || scopes.length === 0}
      isPrimary
      onSubmit={submit}
    >
      <TextField
        label={say("usage.keys.label")}
        description={say("usage.keys.label.hint")}
        value={label}
        onChange={setLabel}
        isRequired
        maxLength={80}
        autoFocus
        error={fieldError(worded, "label")}
      />
      <CheckboxesField
        label={say("usage.keys.scopes")}
        values={scopes}
        onChange={setScopes}
        error={fieldError(worded, "scopes")}
        choices={KEY_SCOPES.map((scope) => ({
          value: scope,
          label: say(`usage.scope.${scope}`),
          description: say(`usage.scope.${scope}.note`),
          isDisabled: !held.includes(scope),
        }))}
      />
    </AccountForm>
  );
}
