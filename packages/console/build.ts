// `node build.ts [folder]`: builds the console into a folder (default: dist), each file beside it as .br and .gz, for the
// API to serve. The folder is emptied first.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";

/** What is compressed already, as pictures and fonts are, would not become smaller. */
const COMPRESSIBLE = /\.(?:js|css|html|svg|json|webmanifest|txt)$/;
/** Smaller ones fit into one packet in any case. */
const LEAST_BYTES = 1_024;

const outDir = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "dist"));

await build({
  root: import.meta.dirname,
  logLevel: "warn",
  build: { outDir, emptyOutDir: true },
});
await Promise.all((await filesIn(outDir)).filter((file) => COMPRESSIBLE.test(file)).map(compress));

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  // The page itself is changed for each answer.
  if (bytes.length < LEAST_BYTES || file.endsWith("index.html")) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
  await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }));
}
