// Live data: one WebSocket per subscription over graphql-transport-ws, resumed from the last cursor after a loss.
import type { TypedDocumentNode } from "@urql/core";
import { useEffect, useEffectEvent, useState } from "react";
import { current, known, renew } from "./session";
import { requestOf } from "./trusted";

/** How the connection stands. */
export type LiveState = "connecting" | "live" | "lost";

/** What to listen to. */
export interface LiveOptions<Data, Variables> {
  document: TypedDocumentNode<Data, Variables>;
  /** The variables, given the cursor of the last message; null before the first. */
  variables: (cursor: string | null) => Variables;
  /** Takes a message and names its cursor, or null where messages have none. */
  onMessage: (data: Data) => string | null;
  /** Whether to listen at all. */
  enabled?: boolean;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 15_000;
const STANDS_AFTER_MS = 5_000;

/** Listens while mounted and says how the connection stands. */
export function useLive<Data, Variables extends object>(options: LiveOptions<Data, Variables>): LiveState {
  const { document, enabled = true } = options;
  const [state, setState] = useState<LiveState>("connecting");
  const receive = useEffectEvent(options.onMessage);
  const variables = useEffectEvent(options.variables);
  useEffect(() => {
    if (!enabled) return;
    const leaving = new AbortController();
    void listen({ document, variables, receive, setState, signal: leaving.signal });
    return () => leaving.abort();
  }, [document, enabled]);
  return state;
}

interface Listening<Data, Variables> {
  document: TypedDocumentNode<Data, Variables>;
  variables: (cursor: string | null) => Variables;
  receive: (data: Data) => string | null;
  setState: (state: LiveState) => void;
  signal: AbortSignal;
}

async function listen<Data, Variables extends object>(listening: Listening<Data, Variables>): Promise<void> {
  let cursor: string | null = null;
  let wait = RETRY_FIRST_MS;
  while (!listening.signal.aborted) {
    const heard: Heard = await listenOnce(listening, cursor);
    cursor = heard.cursor;
    if (listening.signal.aborted) return;
    listening.setState("lost");
    wait = heard.wasLive ? RETRY_FIRST_MS : Math.min(wait * 2, RETRY_MAX_MS);
    await pause(wait, listening.signal);
  }
}

interface Heard {
  cursor: string | null;
  wasLive: boolean;
}

/** Listens until the connection ends, for whatever reason; a missing or ended token is renewed before the next try. */
async function listenOnce<Data, Variables extends object>(
  { document, variables, receive, setState, signal }: Listening<Data, Variables>,
  from: string | null,
): Promise<Heard> {
  let cursor = from;
  let connectedAt = Number.POSITIVE_INFINITY;
  try {
    const { createClient } = await import("graphql-ws");
    const request = await requestOf(document, variables(cursor));
    if (signal.aborted) return { cursor, wasLive: false };
    const client = createClient({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
      connectionParams: authorization,
      retryAttempts: 0,
      jsonMessageReplacer: withoutText,
      on: {
        connected: () => {
          connectedAt = Date.now();
          setState("live");
        },
      },
    });
    const stop = () => void client.dispose();
    signal.addEventListener("abort", stop, { once: true });
    const messages = client.iterate({ query: NO_TEXT, ...request });
    for await (const message of messages) {
      if (message.errors !== undefined) throw new Error(message.errors[0]?.message);
      cursor = receive(message.data as Data) ?? cursor;
    }
  } catch (cause) {
    if (isExpired(cause)) await renew();
  }
  // A connection that is refused as soon as it stands, such as by a newer platform, is not tried again and again at once.
  return { cursor, wasLive: Date.now() - connectedAt >= STANDS_AFTER_MS };
}

/** What stands for the text of a trusted document: the library insists on one, the gateway gets none. */
const NO_TEXT = "";

function withoutText(key: string, value: unknown): unknown {
  return key === "query" && value === NO_TEXT ? undefined : value;
}

async function authorization(): Promise<Record<string, unknown>> {
  await known();
  const session = current();
  return session.phase === "member" ? { authorization: `Bearer ${session.token}` } : {};
}

function isExpired(cause: unknown): boolean {
  return cause instanceof CloseEvent && (cause.code === 4401 || cause.code === 4403);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
