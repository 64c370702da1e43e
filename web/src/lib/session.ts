// Who is signed in, in all tabs: a short-lived token in memory, renewed with the refresh cookie that no script can read.
import { useSyncExternalStore } from "react";
import { RefreshSession, SignOut, type RefreshSessionMutation } from "./session.generated";
import { requestOf } from "./trusted";

/** What this tab knows of its visitor. `lapsed` says that a session ended by itself, not by signing out. */
export type Session =
  | { phase: "restoring" }
  | { phase: "anonymous"; lapsed: boolean }
  | { phase: "member"; token: string; expiresAt: number; memberId: string };

interface Grant {
  token: string;
  expiresAt: string;
  member: { id: string };
}

const MARK = "tallystick.signed-in";
const RENEW_BEFORE_MS = 60_000;
const TIMEOUT_MS = 10_000;

const listeners = new Set<() => void>();
const tabs = new BroadcastChannel("tallystick.session");
let session: Session = marked() ? { phase: "restoring" } : { phase: "anonymous", lapsed: false };
let renewing: Promise<void> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

tabs.onmessage = ({ data }: MessageEvent<"signed-in" | "signed-out">) => {
  if (data === "signed-out") set({ phase: "anonymous", lapsed: false });
  else if (session.phase !== "member") void renew();
};

/** The session, for components. */
export function useSession(): Session {
  return useSyncExternalStore(listen, current);
}

/** The session at this moment. */
export function current(): Session {
  return session;
}

/** The session once it is known whether the refresh cookie still opens one. */
export async function known(): Promise<Exclude<Session, { phase: "restoring" }>> {
  if (session.phase === "restoring") await renew();
  return session as Exclude<Session, { phase: "restoring" }>;
}

/** Takes over a session that signing in or up has opened, and tells the other tabs. */
export function begin(grant: Grant): void {
  take(grant);
  tabs.postMessage("signed-in");
}

/** Signs out in all tabs; the refresh cookie is revoked where the platform can be reached. */
export async function end(): Promise<void> {
  set({ phase: "anonymous", lapsed: false });
  tabs.postMessage("signed-out");
  await post(SignOut).catch(() => undefined);
}

/** Renews the token. Tabs take turns, so that none uses a cookie which another has just replaced. */
export function renew(): Promise<void> {
  renewing ??= navigator.locks.request("tallystick.refresh", refresh).finally(() => (renewing = null));
  return renewing;
}

async function refresh(): Promise<void> {
  try {
    const answer = (await post(RefreshSession)) as RefreshSessionMutation;
    const grant = answer.refreshSession.session;
    if (grant === null) set({ phase: "anonymous", lapsed: session.phase !== "anonymous" });
    else take(grant);
  } catch {
    // The platform could not be reached: what is left of the token stays good, a restoring tab starts anonymous.
    if (session.phase === "restoring") session = { phase: "anonymous", lapsed: false };
    notify();
  }
}

function take({ token, expiresAt, member }: Grant): void {
  set({ phase: "member", token, expiresAt: Date.parse(expiresAt), memberId: member.id });
}

function set(next: Session): void {
  session = next;
  mark(next.phase === "member");
  clearTimeout(timer);
  if (next.phase === "member") {
    timer = setTimeout(() => void renew(), Math.max(next.expiresAt - Date.now() - RENEW_BEFORE_MS, 1_000));
  }
  notify();
}

function notify(): void {
  listeners.forEach((listener) => listener());
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function post(document: object): Promise<unknown> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(await requestOf(document)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = (await response.json()) as { data?: unknown };
  if (body.data === undefined || body.data === null) throw new Error(`HTTP ${response.status}`);
  return body.data;
}

/** Whether this browser has signed in before: a visitor without the mark makes no request to find out. */
function marked(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

function mark(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // Private windows and strict cookie settings refuse storage: the session then lasts as long as the page.
  }
}
