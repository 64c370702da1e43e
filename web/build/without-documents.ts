// Leaves GraphQL's parser and printer out of the pages: they know documents by hash only, so nothing is ever parsed.
import type { Plugin } from "vite";

const GRAPHQL = "@0no-co/graphql.web";
const WITHOUT = "\0graphql-without-documents";

/** Takes the place of urql's GraphQL: what it needs for answers stays, what it has for texts is gone. */
export function withoutDocuments(): Plugin {
  let whole = "";
  return {
    name: "without-documents",
    apply: "build",
    enforce: "pre",
    async resolveId(source, importer) {
      if (source !== GRAPHQL) return null;
      whole = (await this.resolve(GRAPHQL, importer, { skipSelf: true }))?.id ?? "";
      return WITHOUT;
    },
    load(id) {
      if (id !== WITHOUT) return null;
      const none = `() => { throw new Error("a document has no text here"); }`;
      return `export { GraphQLError, Kind } from ${JSON.stringify(whole)};\nexport const parse = ${none};\nexport const print = ${none};\n`;
    },
  };
}
