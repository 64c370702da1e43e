// The roles to choose from, each with what it may do.
import type { MemberRole } from "@/gql/types";
import { useSay } from "@/lib/say";
import { RadioField } from "@/ui/choice-field";
import { ROLES } from "./roles";

interface Props {
  value: MemberRole;
  onChange: (role: MemberRole) => void;
  /** Whether owners can be made: only by owners. */
  mayMakeOwners: boolean;
  error: string | null;
}

export function RoleField({ value, onChange, mayMakeOwners, error }: Props) {
  const say = useSay();
  return (
    <RadioField
      label={say("usage.members.role")}
      value={value}
      onChange={onChange}
      error={error}
      choices={ROLES.map((role) => ({
        value: role,
        label: say(`usage.role.${role}`),
        description: say(`usage.role.${role}.note`),
        isDisabled: role === "OWNER" && !mayMakeOwners,
      }))}
    />
  );
}
