// Changes the signed-in member's own name.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { fieldError } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import { AccountForm } from "./account-form";
import { UpdateProfile } from "./profile-name.generated";

export function NameForm({ name }: { name: string }) {
  const say = useSay();
  const toast = useToast();
  const [typed, setTyped] = useState(name);
  const { run, isPending, errors } = useAct(UpdateProfile, (data) => data.updateProfile);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    if ((await run({ name: typed.trim() })) !== null) toast({ title: say("usage.profile.named", { name: typed.trim() }) });
  };
  return (
    <AccountForm
      errors={worded}
      fields={["name"]}
      submitLabel={say("usage.profile.rename")}
      isPending={isPending}
      isDisabled={typed.trim() === "" || typed.trim() === name}
      onSubmit={submit}
    >
      <TextField
        label={say("usage.profile.name")}
        autoComplete="name"
        value={typed}
        onChange={setTyped}
        isRequired
        error={fieldError(worded, "name")}
      />
    </AccountForm>
  );
}
