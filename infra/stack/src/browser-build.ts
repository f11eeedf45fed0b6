import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { ROOT } from "../../bootstrap/pinned.js";
import { withFileLock } from "./file-lock.ts";

/** Something that is built for browsers: where it is, and what it is made of. */
export type BuildPlace = {
  /** For people: what could not be built. */
  what: string;
  /** The package's folder, with its `build.ts`; what is built lies in `dist`. */
  folder: string;
  /** Files and folders that decide what is built, by paths from the repository's root. */
  sources: readonly string[];
};

const sourcesOf = (name: string, files: readonly string[]) => files.map((file) => `packages/${name}/${file}`);

const PLAYER: BuildPlace = {
  what: "the player",
  folder: path.join(ROOT, "packages/player"),
  sources: [
    ...sourcesOf("player", ["build.ts", "package.json", "src"]),
    // What it is bundled with.
    "packages/storyboard/src",
    "packages/contracts/src",
    "pnpm-lock.yaml",
  ],
};

const CONSOLE: BuildPlace = {
  what: "the console",
  folder: path.join(ROOT, "packages/console"),
  sources: [
    ...sourcesOf("console", ["build.ts", "index.html", "package.json", "public", "src", "vite.config.ts"]),
    // What it is bundled with.
    "packages/client/src",
    ...PLAYER.sources,
  ],
};

/** In the built folder: a hash of what it was built from. */
const STAMP = ".built-from";
/** Begin of the names of folders that are being built, or are on their way out. */
const UNFINISHED = "dist.unfinished-";
const LAST_LINES = 20;

/** Builds the console, see {@link buildForBrowsers}. */
export const buildConsole = (onBuild?: () => void): Promise<boolean> => buildForBrowsers(CONSOLE, onBuild);

/** Builds the script of pages with a film, and its fonts, see {@link buildForBrowsers}. */
export const buildPlayer = (onBuild?: () => void): Promise<boolean> => buildForBrowsers(PLAYER, onBuild);

/**
 * Builds where sources differ from what was built, and resolves to whether it had to. Two at once build one after the other,
 * and the second finds nothing to do. A build goes into a folder of its own and is renamed when it is whole, so that one that
 * is killed leaves what there was as it was.
 * @param onBuild is called before it is built
 * @throws {Error} with what the build said
 */
export async function buildForBrowsers(place: BuildPlace, onBuild: () => void = () => {}): Promise<boolean> {
  if (await isBuilt(place)) return false;
  return await withFileLock(path.join(place.folder, "dist.lock"), async () => {
    if (await isBuilt(place)) return false;
    onBuild();
    await removeUnfinished(place);
    const hash = await hashOf(place);
    const fresh = path.join(place.folder, `${UNFINISHED}${process.pid}`);
    await run(place, fresh);
    await writeFile(path.join(fresh, STAMP), hash);
    await moveInto(place, fresh);
    return true;
  });
}

const distOf = ({ folder }: BuildPlace) => path.join(folder, "dist");

async function isBuilt(place: BuildPlace): Promise<boolean> {
  const stamp = await readFile(path.join(distOf(place), STAMP), "utf8").catch(() => undefined);
  return stamp !== undefined && stamp === (await hashOf(place));
}

/** What killed builds left. */
async function removeUnfinished({ folder }: BuildPlace): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

async function moveInto(place: BuildPlace, fresh: string): Promise<void> {
  const dist = distOf(place);
  const old = `${fresh}-old`;
  // A crash between the two renames leaves nothing, and the next start builds it.
  if (existsSync(dist)) await rename(dist, old);
  await rename(fresh, dist);
  await rm(old, { recursive: true, force: true });
}

async function run({ what, folder }: BuildPlace, outDir: string): Promise<void> {
  const child = spawn(process.execPath, [path.join(folder, "build.ts"), outDir], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [code, out, err] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  if (code === 0) return;
  const lines = `${out}${err}`.trimEnd().split("\n").slice(-LAST_LINES);
  throw new Error([`${what} could not be built:`, ...lines.map((line) => `  ${line}`)].join("\n"));
}

async function hashOf({ sources }: BuildPlace): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) {
    for (const file of await filesOf(path.join(ROOT, source))) {
      hash.update(`\0${path.relative(ROOT, file)}\0`).update(await readFile(file).catch(() => Buffer.alloc(0)));
    }
  }
  return hash.digest("hex");
}

/** A file, or what is in a folder, without tests; in one order on every machine. */
async function filesOf(source: string): Promise<string[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [source];
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .sort();
}
