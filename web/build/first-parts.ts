// Tells the server what each page loads first, so that the head of its address can name it: the browser then fetches
// all of it at once instead of finding one part in another.
import type { Plugin } from "vite";

type Area = "store" | "capability" | "receipt" | "usage" | "sell" | "operate";

/** The pages whose parts are named: route, areas whose words it speaks, modules. `*` stands for all that is below. */
const PAGES: readonly [route: string, areas: readonly Area[], ...modules: string[]][] = [
  ["/", ["store"], "routes/store/home.tsx"],
  ["/capabilities", ["store"], "routes/store/capabilities.tsx"],
  ["/capabilities/:slug", ["store", "capability"], "routes/store/capability.tsx"],
  ["/listings", ["store"], "routes/store/listings.tsx"],
  ["/listings/:slug", ["store"], "routes/store/listing.tsx"],
  ["/stores", ["store"], "routes/store/stores.tsx"],
  ["/stores/:slug", ["store"], "routes/store/store.tsx"],
  ["/compare", ["store"], "routes/store/compare.tsx"],
  ["/receipts/verify", ["store", "receipt"], "routes/store/verify-receipt.tsx"],
  ["/sign-in", ["store"], "routes/store/sign-in.tsx"],
  ["/sign-up", ["store"], "routes/store/sign-up.tsx"],
  ["/usage", ["usage"], "routes/area.tsx", "routes/usage/home.tsx"],
  ["/usage/*", ["usage"], "routes/area.tsx"],
  ["/sell", ["sell"], "routes/area.tsx", "routes/sell/home.tsx"],
  ["/sell/*", ["sell"], "routes/area.tsx"],
  ["/operate", ["operate"], "routes/operate/area.tsx", "routes/operate/home.tsx"],
  ["/operate/*", ["operate"], "routes/operate/area.tsx"],
];
const LOCALES = ["en", "zh"] as const;

/** What of a built chunk is looked at. */
interface Chunk {
  type: "chunk" | "asset";
  fileName: string;
  isEntry?: boolean;
  imports?: string[];
  moduleIds?: string[];
}
export type Bundle = Record<string, Chunk>;

/** Writes `parts.json`: by route the files of its code, and those of its words by locale. */
export function firstParts(): Plugin {
  return {
    name: "first-parts",
    apply: "build",
    generateBundle(_options, bundle) {
      this.emitFile({ type: "asset", fileName: "parts.json", source: JSON.stringify(partsOf(bundle as Bundle)) });
    },
    transformIndexHtml(_html, { bundle }) {
      const font = Object.keys(bundle ?? {}).find((file) => file.endsWith(".woff2"));
      if (font === undefined) return [];
      const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href: `/${font}` };
      return [{ tag: "link", attrs, injectTo: "head" }];
    },
  };
}

/** The parts of each page. Throws where a module is in no chunk: then a page has moved. */
export function partsOf(bundle: Bundle) {
  return PAGES.map(([route, areas, ...modules]) => ({
    route,
    code: filesOf(bundle, modules),
    words: Object.fromEntries(
      LOCALES.map((locale) => [locale, filesOf(bundle, [`messages/${locale}.ts`, ...areas.map((area) => `messages/${area}.${locale}.ts`)])]),
    ),
  }));
}

/** The files that hold modules and what these import, but for those that every page loads. */
function filesOf(bundle: Bundle, modules: readonly string[]): string[] {
  const entry = Object.values(bundle).find(({ isEntry }) => isEntry === true);
  const everywhere = entry === undefined ? new Set<string>() : withImports(bundle, entry.fileName, new Set());
  const found = new Set<string>();
  for (const module of modules) withImports(bundle, fileOf(bundle, module), found);
  return [...found].filter((file) => !everywhere.has(file));
}

function fileOf(bundle: Bundle, module: string): string {
  const chunk = Object.values(bundle).find(({ moduleIds }) => moduleIds?.some((id) => id.endsWith(`/src/${module}`)) === true);
  if (chunk === undefined) throw new Error(`no chunk holds src/${module}`);
  return chunk.fileName;
}

function withImports(bundle: Bundle, file: string, found: Set<string>): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of bundle[file]?.imports ?? []) withImports(bundle, imported, found);
  return found;
}
