import { expect, test } from "vitest";
import { partsOf, type Bundle } from "./first-parts";
import { readdirSync } from "node:fs";

const SRC = new URL("../src", import.meta.url).pathname;

/** As if every module became a chunk of its own that imports one part which is shared, and the entry another. */
function bundle(): Bundle {
  const modules = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => /^(routes|messages)\/.*\.tsx?$/.test(path));
  const chunks = modules.map((path) => ({ type: "chunk" as const, fileName: `${path}.js`, moduleIds: [`${SRC}/${path}`], imports: ["frame.js", "shared.js"] }));
  const frame = { type: "chunk" as const, fileName: "frame.js", moduleIds: [] };
  const entry = { type: "chunk" as const, fileName: "index.js", isEntry: true, imports: ["frame.js"], moduleIds: [] };
  const shared = { type: "chunk" as const, fileName: "shared.js", imports: ["frame.js"], moduleIds: [] };
  return Object.fromEntries([...chunks, frame, entry, shared].map((chunk) => [chunk.fileName, chunk]));
}

test("a page's parts are its code with what that imports, and its words by language; not what every page loads", () => {
  const page = partsOf(bundle()).find(({ route }) => route === "/capabilities/:slug");
  expect(page?.code).toEqual(["routes/store/capability.tsx.js", "shared.js"]);
  expect(page?.words["zh"]).toEqual(["messages/zh.ts.js", "shared.js", "messages/store.zh.ts.js", "messages/capability.zh.ts.js"]);
});

test("a page that has moved fails the build", () => {
  expect(() => partsOf({})).toThrow("no chunk holds src/routes/store/home.tsx");
});
