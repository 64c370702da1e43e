// codegen plugin: every operation of the pages by its hash, which is the list of documents that the gateway trusts.
const { operations, sha256 } = require("./documents.cjs");

module.exports = {
  plugin(_schema, documents) {
    const entries = operations(documents).map(([, text]) => [sha256(text), text]);
    return JSON.stringify(Object.fromEntries(entries.sort()), null, 1) + "\n";
  },
};
