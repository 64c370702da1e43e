// Builds the pages into `dist/`, from where the server embeds and serves them.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compiledMessages } from "./build/compiled-messages.ts";

export default defineConfig({
  plugins: [react(), compiledMessages()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // The server's Content-Security-Policy is `default-src 'self'`: nothing may be inlined as a data URI,
    // and the module-preload polyfill would be an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
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
