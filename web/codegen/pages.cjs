// codegen plugin: each operation as a typed reference by hash, so that no document is in the pages.
const { Kind } = require("graphql");
const { operations, sha256 } = require("./documents.cjs");

module.exports = {
  plugin(_schema, documents, config) {
    const own = new Set(documents.flatMap(({ document }) => document.definitions));
    const all = [...documents, ...(config.externalFragments ?? []).map(({ node }) => ({ document: { definitions: [node] } }))];
    const lines = operations(all)
      .filter(([operation]) => own.has(operation))
      .map(([operation, text]) => constant(operation, sha256(text)));
    if (lines.length === 0) return "";
    return { prepend: ['import { trusted } from "@/lib/trusted";'], content: [...lines, "export type { Types };"].join("\n") };
  },
};

function constant({ kind, name, operation }, hash) {
  if (kind !== Kind.OPERATION_DEFINITION || name === undefined) throw new Error("every operation has a name");
  const type = `${name.value}${operation[0].toUpperCase()}${operation.slice(1)}`;
  return `export const ${name.value} = /*#__PURE__*/ trusted<${type}, ${type}Variables>("${hash}", "${operation}");`;
}
