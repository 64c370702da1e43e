// Trying a capability with a real call: a visitor in the sandbox, a member under an agreement of its own.
import { useSession } from "@/lib/session";
import { useMay } from "@/lib/viewer";
import { MemberCall } from "./member-call";
import { SandboxCall } from "./sandbox-call";
import type { Schema } from "./schema";

/** What is called. */
export interface Callable {
  slug: string;
  isTryable: boolean;
  contract: { inputSchema: unknown; examples: readonly { input: unknown }[] };
}

export function TryIt({ capability }: { capability: Callable }) {
  const { phase } = useSession();
  const mayInvoke = useMay("INVOKE");
  if (phase === "member" && mayInvoke) return <MemberCall capability={capability} />;
  return <SandboxCall capability={capability} />;
}

/** The contract's input as a schema; the gateway has checked that it is one. */
export function schemaOf({ contract }: Callable): Schema {
  return contract.inputSchema as Schema;
}
