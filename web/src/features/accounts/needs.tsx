// What only some roles see: the others are told which, and where to see their own.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSay } from "@/lib/say";
import { useViewer } from "@/lib/viewer";
import { buttonClass } from "@/ui/button-class";
import { ForbiddenState, Skeleton } from "@/ui/state";
import { holdersOf, type KeyScope } from "./roles";

interface Props {
  scope: KeyScope;
  /** Whether nothing else is on the page. */
  isPage?: boolean | undefined;
  children: ReactNode;
}

/** Shows its children to who holds a scope. The gateway decides anyhow; this says it before asking. */
export function Needs({ scope, isPage = false, children }: Props) {
  const viewer = useViewer();
  const say = useSay();
  if (viewer === null) return <Skeleton lines={6} />;
  if (viewer.scopes.includes(scope)) return children;
  return (
    <ForbiddenState
      isPage={isPage}
      roles={holdersOf(scope).map((role) => say(`usage.role.${role}`))}
      action={
        <Link to="/usage/profile" className={buttonClass()}>
          {say("usage.forbidden.profile")}
        </Link>
      }
    />
  );
}
