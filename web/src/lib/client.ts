// GraphQL as the pages use it: trusted documents only, the session's token, one cache per visitor.
import { cacheExchange, Client, createRequest, fetchExchange, makeOperation, mapExchange } from "@urql/core";
import type { AnyVariables, CombinedError, OperationContext, TypedDocumentNode } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { current, known, renew } from "./session";
import { fetchDocument, trustedExchange } from "./trusted";

/** How long an answer that was asked for ahead is taken as it is. */
const FRESH_MS = 5_000;

let visitor: { memberId: string | null; client: Client } | null = null;
/** When the answers to what was asked ahead came, by the key of the request. */
const fresh = new Map<number, number>();

/** The client of a visitor: what one has read, the next one does not see. */
export function clientOf(memberId: string | null): Client {
  if (visitor?.memberId !== memberId) {
    visitor = { memberId, client: makeClient() };
    fresh.clear();
  }
  return visitor.client;
}

/** Asks for what a page will show while its code is still on the way. The page asks the same and finds the answer. */
export async function askAhead<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context?: Partial<OperationContext>,
): Promise<void> {
  const session = await known();
  const client = clientOf(session.phase === "member" ? session.memberId : null);
  const request = createRequest(query, variables);
  const { error } = await client.executeQuery(request, context).toPromise();
  if (error === undefined && client === visitor?.client) fresh.set(request.key, Date.now());
}

/** What has just been read is not read again. */
const freshExchange = mapExchange({
  onOperation: (operation) => {
    const isFresh = Date.now() - (fresh.get(operation.key) ?? 0) < FRESH_MS;
    if (operation.context.requestPolicy !== "cache-and-network" || !isFresh) return operation;
    return makeOperation(operation.kind, operation, { ...operation.context, requestPolicy: "cache-first" });
  },
});

function makeClient(): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: import.meta.env.DEV ? false : "within-url-limit",
    fetch: fetchDocument,
    requestPolicy: "cache-and-network",
    exchanges: [freshExchange, cacheExchange, authExchange(credentials), trustedExchange, fetchExchange],
  });
}

/** The stable code of a request's first error, where the gateway gave one. */
export function codeOf(error: CombinedError): string | undefined {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === "string" ? code : undefined;
}

const EXPIRES_SOON_MS = 5_000;

const credentials: Parameters<typeof authExchange>[0] = async ({ appendHeaders }) => {
  await known();
  return {
    addAuthToOperation(operation) {
      const session = current();
      return session.phase === "member" ? appendHeaders(operation, { Authorization: `Bearer ${session.token}` }) : operation;
    },
    willAuthError() {
      const session = current();
      return session.phase === "member" && session.expiresAt - Date.now() < EXPIRES_SOON_MS;
    },
    didAuthError(error) {
      return current().phase === "member" && (error.response as Response | undefined)?.status === 401;
    },
    refreshAuth: renew,
  };
};
