// One GraphQL request to the platform that served this page.
const TIMEOUT_MS = 10_000;

/** Why a query brought no data: never reached, refused by status, answered with errors, or answered in another shape. */
export type FailureKind = "unreachable" | "refused" | "errors" | "shape";

export class QueryFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, detail: string) {
    super(detail);
    this.name = "QueryFailure";
    this.kind = kind;
  }
}

/** Sends one query and returns its `data`, unchecked. Throws `QueryFailure`, also when `signal` aborts. */
export async function query(document: string, signal: AbortSignal): Promise<unknown> {
  const response = await send(document, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
  if (!response.ok) throw new QueryFailure("refused", `HTTP ${response.status}`);
  return dataOf(await bodyOf(response));
}

async function send(document: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query: document }),
      signal,
    });
  } catch (cause) {
    throw new QueryFailure("unreachable", String(cause));
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new QueryFailure("shape", String(cause));
  }
}

/** Takes `data` out of a GraphQL answer; an answer with errors counts as failed even where part of it came. */
export function dataOf(body: unknown): unknown {
  if (typeof body !== "object" || body === null) throw new QueryFailure("shape", "not an object");
  if ("errors" in body && Array.isArray(body.errors) && body.errors.length > 0) {
    throw new QueryFailure("errors", JSON.stringify(body.errors[0]));
  }
  if (!("data" in body)) throw new QueryFailure("shape", "no data");
  return body.data;
}
