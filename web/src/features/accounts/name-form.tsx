// Changes the signed-in member's own name.
import { useState, type FormEvent } from "react";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "./accounts.module.css";
import { UpdateProfile } from "./profile-name.generated";

export function NameForm({ name }: { name: string }) {
  const say = useSay();
  const toast = useToast();
  const [typed, setTyped] = useState(name);
  const { run, isPending, errors } = useAct(UpdateProfile, (data) => data.updateProfile);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await run({ name: typed.trim() })) !== null) toast({ title: say("usage.profile.named", { name: typed.trim() }) });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label={say("usage.profile.name")}
        autoComplete="name"
        value={typed}
        onChange={setTyped}
        isRequired
        error={fieldError(worded, "name")}
      />
      <FormErrors errors={worded} shownAtField={["name"]} />
      <div className={styles.actions}>
        <Button type="submit" isPending={isPending} isDisabled={typed.trim() === "" || typed.trim() === name}>
          {say("usage.profile.rename")}
        </Button>
      </div>
    </form>
  );
}
