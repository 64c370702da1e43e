// Parses the messages when the pages are built, so that no parser of ICU messages is in them.
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import type { Plugin } from "vite";

const CATALOGUE = /\/src\/messages\/[^/]+\.ts$/;
const PARSER = "@formatjs/icu-messageformat-parser";
const WITHOUT_PARSER = "\0messages-without-parser";

/** Compiles what has arguments, tags or quotes; plain text stays text, which is shorter. */
export function compiledMessages(): Plugin[] {
  return [withoutParser(), { name: "compiled-messages", apply: "build", transform: compileCatalogue }];
}

function compileCatalogue(this: { parse: (code: string) => unknown }, code: string, id: string) {
  return CATALOGUE.test(id) ? { code: compiled(code, this.parse(code)), map: null } : null;
}

/** Takes the parser's place: what is still text here has nothing to parse. */
function withoutParser(): Plugin {
  let types = "";
  return {
    name: "messages-without-parser",
    apply: "build",
    enforce: "pre",
    async resolveId(source, importer) {
      if (source !== PARSER || importer === undefined) return null;
      types = (await this.resolve(`${PARSER}/no-parser.js`, importer, { skipSelf: true }))?.id ?? "";
      return WITHOUT_PARSER;
    },
    load(id) {
      if (id !== WITHOUT_PARSER) return null;
      const literal = `export const parse = (value) => [{ type: ${TYPE.literal}, value }];`;
      return `export * from ${JSON.stringify(types)};\n${literal}\n`;
    },
  };
}

interface Node {
  type: string;
  start: number;
  end: number;
  value?: unknown;
}

/** The module's code with the values of its messages compiled. */
export function compiled(code: string, program: unknown): string {
  const found: { start: number; end: number; text: string }[] = [];
  visit(program, (node) => {
    const value = node.type === "Property" ? (node.value as Node) : null;
    if (value?.type === "Literal" && typeof value.value === "string" && /[{}<>']/.test(value.value)) {
      found.push({ start: value.start, end: value.end, text: JSON.stringify(ast(value.value)) });
    }
  });
  return found
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end), code);
}

function ast(message: string): unknown {
  return parse(message, { captureLocation: false, shouldParseSkeletons: true });
}

function visit(node: unknown, see: (node: Node) => void): void {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && typeof node.type === "string") see(node as Node);
  for (const child of Object.values(node)) visit(child, see);
}
