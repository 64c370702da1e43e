// Trusted documents: what an operation is to the pages (its hash and its types) and to the gateway (its whole text).
const { createHash } = require("node:crypto");
const { Kind, print, visit } = require("graphql");

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** Every operation with the fragments it needs and `__typename` in each selection, as `[definition, text]`. */
function operations(documents) {
  const definitions = documents.flatMap(({ document }) => document.definitions);
  const fragments = new Map(
    definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((fragment) => [fragment.name.value, fragment]),
  );
  return definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => [operation, textOf([operation, ...neededBy(operation, fragments)])]);
}

function neededBy(operation, fragments, found = new Map()) {
  visit(operation, {
    FragmentSpread({ name: { value } }) {
      const fragment = fragments.get(value);
      if (fragment === undefined) throw new Error(`${operation.name.value} spreads ${value}, which is nowhere`);
      if (found.has(value)) return;
      found.set(value, fragment);
      neededBy(fragment, fragments, found);
    },
  });
  return [...found.values()];
}

function textOf(definitions) {
  const document = visit(
    { kind: Kind.DOCUMENT, definitions },
    {
      SelectionSet(node, _key, parent) {
        const root = parent?.kind === Kind.OPERATION_DEFINITION;
        const named = node.selections.some((field) => field.kind === Kind.FIELD && field.name.value === "__typename");
        return root || named ? undefined : { ...node, selections: [TYPENAME, ...node.selections] };
      },
    },
  );
  return print(document);
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}

module.exports = { operations, sha256 };
