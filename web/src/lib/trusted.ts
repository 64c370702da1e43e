// A trusted document: the gateway has its text in `schema/operations.json`, the pages only its hash.
import { makeOperation, mapExchange, type TypedDocumentNode } from "@urql/core";

const NOWHERE = { start: 0, end: 0, source: { body: "", name: "", locationOffset: { line: 1, column: 1 } } };

/** Refers to a document by the SHA-256 of its text, in lower-case hex; only generated code calls this. */
export function trusted<Data, Variables>(sha256: string, operation: "query" | "mutation" | "subscription"): TypedDocumentNode<Data, Variables> {
  // urql asks a document which operation it holds; the fields are the gateway's business.
  const definition = { kind: "OperationDefinition", operation, selectionSet: { kind: "SelectionSet", selections: [] } };
  // A document with a place in a source is not printed to find out what it says.
  return { kind: "Document", definitions: [definition], documentId: `sha256:${sha256}`, loc: NOWHERE } as never;
}

/**
 * Before a request leaves: urql sends a document's id only where the document itself is empty. When the answer comes:
 * data that is null because of an error is none, as urql's types have it.
 */
export const trustedExchange = mapExchange({
  onOperation: (operation) => {
    const query = { kind: "Document", definitions: [], documentId: documentIdOf(operation.query) };
    return operation.kind === "teardown" ? operation : makeOperation(operation.kind, { ...operation, query: query as never });
  },
  onResult: (result) => (result.data === null ? { ...result, data: undefined } : result),
});

function documentIdOf(document: object): string {
  return (document as { documentId: string }).documentId;
}

/** A request for a trusted document as it goes over the wire, to `/graphql` or its WebSocket. */
export async function requestOf(document: object, variables?: object): Promise<{ documentId?: string }> {
  return worded({ documentId: documentIdOf(document), ...(variables === undefined ? {} : { variables }) });
}

/** `fetch` for GraphQL requests; in development it sends the document's text. */
export const fetchDocument: typeof fetch = async (input, init) => {
  if (!import.meta.env.DEV || typeof init?.body !== "string") return fetch(input, init);
  return fetch(input, { ...init, body: JSON.stringify(await worded(JSON.parse(init.body) as { documentId?: string })) });
};

async function worded<Body extends { documentId?: string }>(body: Body): Promise<Body> {
  return import.meta.env.DEV ? (await import("./untrusted")).withText(body) : body;
}
