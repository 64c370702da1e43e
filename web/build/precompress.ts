// Writes each file of the build a second and third time, in Brotli and gzip, so that the server never codes a file.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(css|csv|html|js|json|mjs|svg|txt|webmanifest|xml)$/;
/** What is shorter fits one packet either way. */
const BYTES_MIN = 1024;
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

async function precompressed(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < BYTES_MIN) return;
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  await writeFile(`${path}.br`, await brotli(bytes, options));
  await writeFile(`${path}.gz`, await gzipped(bytes, { level: constants.Z_BEST_COMPRESSION }));
}

export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle(options) {
      const folder = options.dir ?? "dist";
      const files = await readdir(folder, { recursive: true });
      const texts = files.filter((file) => TEXT.test(file) && file !== "index.html");
      await Promise.all(texts.map((file) => precompressed(join(folder, file))));
    },
  };
}
