// Why a request brought nothing, in the kinds that the pages tell apart.
import type { CombinedError } from "@urql/core";

export interface Failure {
  kind: "unreachable" | "refused" | "expired" | "missing" | "failed";
  /** Names the fault in the server's log, where the server named one. */
  correlationId?: string;
}

const KINDS: Record<string, Failure["kind"]> = {
  RATE_LIMITED: "refused",
  BUSY: "refused",
  COST_EXCEEDED: "refused",
  UNAUTHENTICATED: "expired",
  INVALID_CREDENTIALS: "expired",
  SESSION_EXPIRED: "expired",
  NOT_FOUND: "missing",
};

/** Sorts an error by its stable code, or by its status where there is none. */
export function failureOf(error: Pick<CombinedError, "graphQLErrors" | "networkError" | "response">): Failure {
  const first = error.graphQLErrors[0];
  const code = first?.extensions["code"];
  if (typeof code === "string") return { kind: KINDS[code] ?? "failed", ...correlation(first?.message) };
  const status = (error.response as { status?: number } | undefined)?.status;
  if (status === 401) return { kind: "expired" };
  if (status === 429 || status === 503) return { kind: "refused" };
  return { kind: error.networkError === undefined ? "failed" : "unreachable" };
}

/** The message of a fault asks to quote its correlation id. */
function correlation(message: string | undefined): { correlationId?: string } {
  const id = /quote ([0-9a-f-]{36})/.exec(message ?? "")?.[1];
  return id === undefined ? {} : { correlationId: id };
}
