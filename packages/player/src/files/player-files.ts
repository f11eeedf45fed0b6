import { readFile } from "node:fs/promises";
import path from "node:path";
import { Misconfigured } from "@inlet/contracts";

/** A file that a page with the player loads. Its name holds a hash of its bytes, so that it never changes. */
export interface PlayerFile {
  name: string;
  mediaType: "text/javascript; charset=utf-8" | "font/woff2";
  bytes: Buffer;
  /** The same, compressed; absent for what is compressed already. */
  brotli?: Buffer;
  gzip?: Buffer;
}

/** A part of a font's letters. */
export interface PlayerFont {
  /** Such as `Inter`. */
  family: string;
  bold: boolean;
  /** Which letters are in it, as CSS's `unicode-range` writes them. */
  unicodeRange: string;
  /** Of its file. */
  name: string;
}

export interface PlayerFiles {
  /** The name of the page's script: an ES module that reads the film from the page, see `./page`. */
  script: string;
  fonts: readonly PlayerFont[];
  /** By name. */
  files: ReadonlyMap<string, PlayerFile>;
}

/** What the build writes beside its files. */
export interface PlayerManifest {
  script: string;
  fonts: readonly PlayerFont[];
  files: readonly { name: string; mediaType: PlayerFile["mediaType"]; compressed: boolean }[];
}

export const MANIFEST = "manifest.json";
const DIST = path.join(import.meta.dirname, "../../dist");

/**
 * Reads what the build has made of the player, whole: some 0.7 MB, most of it fonts. Each file is served under its own name
 * in one folder, next to each other: the script finds the fonts beside itself.
 * @throws {Misconfigured} when it is not built
 */
export async function playerFiles(folder = DIST): Promise<PlayerFiles> {
  const manifest = await readFile(path.join(folder, MANIFEST), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new Misconfigured({
      code: "player_not_built",
      message: "The player is not built; build it with: node packages/player/build.ts",
      cause: error,
    });
  });
  const { script, fonts, files } = JSON.parse(manifest) as PlayerManifest;
  const read = await Promise.all(
    files.map(async ({ name, mediaType, compressed }): Promise<PlayerFile> => {
      const file = path.join(folder, name);
      if (!compressed) return { name, mediaType, bytes: await readFile(file) };
      const [bytes, brotli, gzip] = await Promise.all([readFile(file), readFile(`${file}.br`), readFile(`${file}.gz`)]);
      return { name, mediaType, bytes, brotli, gzip };
    }),
  );
  return { script, fonts, files: new Map(read.map((file) => [file.name, file])) };
}
