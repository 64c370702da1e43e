// Builds the pages into `dist/`, from where the server embeds and serves them.
import { readdirSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compiledMessages } from "./build/compiled-messages.ts";
import { firstParts } from "./build/first-parts.ts";
import { precompress } from "./build/precompress.ts";
import { withoutDocuments } from "./build/without-documents.ts";

export default defineConfig({
  plugins: [react(), compiledMessages(), withoutDocuments(), firstParts(), precompress()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  // The names of all facts, from their golden samples: what the log can be searched by.
  define: { EVENT_KINDS: JSON.stringify(eventKinds()) },
  build: {
    // The server's Content-Security-Policy is `default-src 'self'`: nothing may be inlined as a data URI,
    // and the module-preload polyfill would be an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // A request costs more than a few kilobytes: one stylesheet, one chunk of what every page needs, and one of the
    // parts that most of them share. What brings a large library (charts, overlays, long tables) stays apart.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "frame", tags: ["$initial"], priority: 1 },
            { name: "parts", test: /\/src\/(lib|ui)\/(?!charts|combo-field|dialog|menu|receipts|virtual-table)/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  // Browser tests, which are Playwright's, lie in e2e.
  test: { include: ["{src,build}/**/*.test.{ts,tsx}"] },
  server: {
    fs: { allow: [".."] },
    // `pnpm dev` talks to a platform started by `make run`.
    proxy: {
      "/graphql": { target: "http://127.0.0.1:8080", ws: true },
      "/blobs": "http://127.0.0.1:8080",
      "/health": "http://127.0.0.1:8080",
      "/metrics": "http://127.0.0.1:8080",
    },
  },
});

function eventKinds(): string[] {
  const samples = readdirSync(new URL("../schema/events", import.meta.url), { recursive: true, encoding: "utf8" });
  const kinds = samples.map((path) => /([a-z_]+)\.v\d+\b.*\.json$/.exec(path)?.[1]).filter((kind) => kind !== undefined);
  // A claim on a name belongs to no context and so has no sample.
  return [...new Set([...kinds, "claimed"])].sort();
}
