// The first call a newcomer makes, as shell commands.

/** Reads the demo buyer's key and asks the platform at `origin` who it belongs to. */
export function firstCall(origin: string): string {
  return [
    `KEY=$(sed -n 's/.*"buyer_key": *"\\([^"]*\\)".*/\\1/p' data/demo.json)`,
    `curl -sS ${origin}/graphql \\`,
    `  -H "Authorization: Bearer $KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"query":"{ viewer { __typename } }"}'`,
  ].join("\n");
}
