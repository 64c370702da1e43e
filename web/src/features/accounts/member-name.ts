// What a member goes by.
import type { Say } from "@/lib/say";

/** The person's name; once that is erased, what is gone, with the id that stays on what the person did. */
export function memberName({ id, name }: { id: string; name: string | null }, say: Say): string {
  return name ?? `${say("usage.members.erased")} · ${id}`;
}
