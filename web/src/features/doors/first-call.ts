// The first call a newcomer makes, as shell commands.

const INVOKE =
  'mutation { invoke(input: {target: {capability: "pinyin-annotation"}, payload: {text: "算市"}, idempotencyKey: "first"})' +
  " { invocation { output usage { meter class quantity } } errors { code message } } }";

/** Reads the demo buyer's key and calls a capability of the platform at `origin` with it. */
export function firstCall(origin: string): string {
  return [
    `KEY=$(sed -n 's/.*"buyer_key": *"\\([^"]*\\)".*/\\1/p' data/demo.json)`,
    `curl -sS ${origin}/graphql \\`,
    `  -H "Authorization: Bearer $KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify({ query: INVOKE })}'`,
  ].join("\n");
}
