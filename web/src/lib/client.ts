// GraphQL as the pages use it: trusted documents only, the session's token, one cache per visitor.
import { cacheExchange, Client, fetchExchange, type CombinedError } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { current, known, renew } from "./session";
import { fetchDocument, trustedExchange } from "./trusted";

/** Makes a client with an empty cache; another visitor gets another client. */
export function makeClient(): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: import.meta.env.DEV ? false : "within-url-limit",
    fetch: fetchDocument,
    requestPolicy: "cache-and-network",
    exchanges: [cacheExchange, authExchange(credentials), trustedExchange, fetchExchange],
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
