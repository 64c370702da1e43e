// The form that adds a person, with a first password to hand over.
import { useState } from "react";
import type { MemberRole } from "@/gql/types";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { useViewer } from "@/lib/viewer";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { fieldError } from "@/ui/form-errors";
import { Icon } from "@/ui/icons";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import { AccountForm } from "./account-form";
import { AddMember as AddMemberDocument } from "./members.generated";
import { RoleField } from "./role-field";

export function AddMember() {
  const say = useSay();
  const trigger = (
    <Button variant="primary" icon={<Icon name="plus" />}>
      {say("usage.members.add")}
    </Button>
  );
  return (
    <Dialog title={say("usage.members.add")} trigger={trigger}>
      {(close) => <MemberForm onAdded={close} />}
    </Dialog>
  );
}

const FIELDS = ["name", "email", "password", "role"];

function MemberForm({ onAdded }: { onAdded: () => void }) {
  const say = useSay();
  const toast = useToast();
  const mayMakeOwners = useViewer()?.member?.role === "OWNER";
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<MemberRole>("DEVELOPER");
  const { run, isPending, errors } = useAct(AddMemberDocument, (data) => data.addMember);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    if ((await run({ name: name.trim(), email: email.trim(), password, role })) === null) return;
    toast({ title: say("usage.members.added", { name: name.trim() }) });
    onAdded();
  };
  return (
    <AccountForm
      errors={worded}
      fields={FIELDS}
      submitLabel={say("usage.members.add")}
      isPending={isPending}
      isDisabled={name.trim() === "" || email.trim() === "" || password === ""}
      isPrimary
      onSubmit={submit}
    >
      <TextField label={say("usage.members.name")} value={name} onChange={setName} isRequired autoFocus error={fieldError(worded, "name")} />
      <TextField
        label={say("usage.members.email")}
        type="email"
        autoComplete="off"
        value={email}
        onChange={setEmail}
        isRequired
        error={fieldError(worded, "email")}
      />
      <TextField
        label={say("usage.members.password")}
        description={say("usage.members.password.hint")}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        isRequired
        error={fieldError(worded, "password")}
      />
      <RoleField value={role} onChange={setRole} mayMakeOwners={mayMakeOwners} error={fieldError(worded, "role")} />
    </AccountForm>
  );
}
