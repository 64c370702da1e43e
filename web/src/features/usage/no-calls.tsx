// Nothing was called yet: what to do first.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { EmptyState } from "@/ui/state";

export function NoCalls() {
  const say = useSay();
  return (
    <EmptyState
      title={say("usage.calls.empty")}
      body={say("usage.calls.empty.body")}
      action={
        <>
          <Link to="/capabilities" className={buttonClass("primary")}>
            {say("usage.calls.empty.action")}
          </Link>
          <Link to="/usage/keys" className={buttonClass()}>
            {say("usage.keys.create")}
          </Link>
        </>
      }
    />
  );
}
