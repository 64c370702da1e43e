// What callers go by: the name that their organization gives them, or what is gone of it.
import { memberName } from "@/features/accounts/member-name";
import type { InvocationKind } from "@/gql/types";
import type { Say } from "@/lib/say";

/** An API key or a member, and what the API calls it. */
export interface Caller {
  key: string;
  label: string | null;
}

/**
 * Calls are made by the buyer's own people, whose name is told until it is erased, be it with the membership or before.
 * Reports come from sellers, whose people's names no buyer is told; a sum, which has no kind, may hold both.
 */
export function callerName({ key, label }: Caller, say: Say, kind?: InvocationKind): string {
  if (label !== null) return label;
  if (!key.startsWith("mem_")) return key;
  if (kind === "CALL") return memberName({ id: key, name: label }, say);
  return `${say(kind === "REPORT" ? "usage.caller.sellers" : "usage.caller.erasedOrSellers")} · ${key}`;
}
