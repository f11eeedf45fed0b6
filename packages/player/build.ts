// `node build.ts [folder]`: builds the script of pages with a film, and its fonts, into a folder (default: dist): each file
// under a name that holds its hash, what can be smaller beside it as .br and .gz, and a manifest. The folder is emptied first.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";
import { MANIFEST, type PlayerFont, type PlayerManifest } from "./src/files/player-files.ts";
import { fontOfFile } from "./src/fonts/font-of-file.ts";

const outDir = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "dist"));
const SCRIPT = "text/javascript; charset=utf-8";

const result = await build({
  root: import.meta.dirname,
  configFile: false,
  logLevel: "warn",
  base: "./",
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    // What the policy of a page forbids: nothing but the one file.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { player: path.join(import.meta.dirname, "src/page/main.ts") },
      preserveEntrySignatures: "exports-only",
      // Of these the player takes what is plain code; the schemas beside it stay where they are.
      treeshake: { moduleSideEffects: (id) => !/packages\/(contracts|storyboard)\//.test(id) },
      output: { entryFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
    },
  },
});
const output = [result].flat().flatMap((each) => ("output" in each ? each.output : []));
const names = output.map(({ fileName }) => fileName);
const script = output.find((file) => file.type === "chunk" && file.isEntry)?.fileName;
if (script === undefined || names.some((name) => !/\.(js|woff2)$/.test(name)))
  throw new Error(`the player is no longer one script and its fonts, but ${names.join(", ")}`);

const fonts = names.map(fontOfFile).filter((font): font is PlayerFont => font !== undefined);
const files: PlayerManifest["files"] = names.map((name) =>
  name.endsWith(".js")
    ? { name, mediaType: SCRIPT, compressed: true }
    : { name, mediaType: "font/woff2", compressed: false },
);
await Promise.all(files.filter(({ compressed }) => compressed).map(({ name }) => compress(path.join(outDir, name))));
await writeFile(
  path.join(outDir, MANIFEST),
  JSON.stringify({ script, fonts, files } satisfies PlayerManifest, null, 1),
);

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
  await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }));
}
