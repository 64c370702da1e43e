// Who may enter an area. The gateway decides what they may read; this only spares a visit that must fail.
import { redirect } from "@tanstack/react-router";
import { known } from "./session";

/** Sends whoever is not signed in to sign in, and back to where they were going. */
export async function requireMember({ location }: { location: { href: string } }): Promise<void> {
  const session = await known();
  if (session.phase === "member") return;
  throw redirect({ to: "/sign-in", search: { return: location.href, ...(session.lapsed ? { lapsed: true } : {}) } });
}

/** Sends whoever is signed in already to where they were going. */
export async function leaveMember({ search }: { search: { return?: string } }): Promise<void> {
  const session = await known();
  if (session.phase === "member") throw redirect({ href: returnPath(search.return ?? "/usage"), replace: true });
}

/** A path of these pages to return to; anything else, such as another site, becomes the start page. */
export function returnPath(value: unknown): string {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : "/";
}
