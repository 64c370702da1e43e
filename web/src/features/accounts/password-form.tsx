// Chooses another password.
import { useState } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { fieldError } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import { AccountForm } from "./account-form";
import { ChangePassword } from "./profile.generated";

const FIELDS = ["currentPassword", "newPassword"];

export function PasswordForm() {
  const say = useSay();
  const toast = useToast();
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const { run, isPending, errors } = useAct(ChangePassword, (data) => data.changePassword);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    if ((await run({ currentPassword, newPassword })) === null) return;
    setCurrent("");
    setNew("");
    toast({ title: say("usage.password.changed") });
  };
  return (
    <AccountForm
      errors={worded}
      fields={FIELDS}
      submitLabel={say("usage.password.change")}
      isPending={isPending}
      isDisabled={currentPassword === "" || newPassword === ""}
      onSubmit={submit}
    >
      <TextField
        label={say("usage.password.current")}
        type="password"
        autoComplete="current-password"
        value={currentPassword}
        onChange={setCurrent}
        isRequired
        error={fieldError(worded, "currentPassword")}
      />
      <TextField
        label={say("usage.password.new")}
        description={say("usage.password.hint")}
        type="password"
        autoComplete="new-password"
        value={newPassword}
        onChange={setNew}
        isRequired
        error={fieldError(worded, "newPassword")}
      />
    </AccountForm>
  );
}
