import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { ROOT } from "../../bootstrap/pinned.js";
import { withFileLock } from "./file-lock.ts";

/** Where the console is, and what it is made of. */
export type ConsolePlace = {
  /** The package's folder. */
  folder: string;
  /** Files and folders that decide what is built, by paths from the repository's root. */
  sources: readonly string[];
};

const CONSOLE: ConsolePlace = {
  folder: path.join(ROOT, "packages/console"),
  sources: [
    ...["build.ts", "index.html", "package.json", "public", "src", "vite.config.ts"].map(
      (name) => `packages/console/${name}`,
    ),
    // What it is bundled with.
    "packages/client/src",
    "packages/contracts/src",
    "pnpm-lock.yaml",
  ],
};

/** In the built folder: a hash of what it was built from. */
const STAMP = ".built-from";
/** Begin of the names of folders that are being built, or are on their way out. */
const UNFINISHED = "dist.unfinished-";
const LAST_LINES = 20;

/**
 * Builds the console where its sources differ from what was built, and resolves to whether it had to. Two at once build one
 * after the other, and the second finds nothing to do. A build goes into a folder of its own and is renamed when it is
 * whole, so that one that is killed leaves the console as it was.
 * @param onBuild is called before it is built
 * @throws {Error} with what the build said
 */
export async function buildConsole(onBuild: () => void = () => {}, place: ConsolePlace = CONSOLE): Promise<boolean> {
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

const distOf = ({ folder }: ConsolePlace) => path.join(folder, "dist");

async function isBuilt(place: ConsolePlace): Promise<boolean> {
  const stamp = await readFile(path.join(distOf(place), STAMP), "utf8").catch(() => undefined);
  return stamp !== undefined && stamp === (await hashOf(place));
}

/** What killed builds left. */
async function removeUnfinished({ folder }: ConsolePlace): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

async function moveInto(place: ConsolePlace, fresh: string): Promise<void> {
  const dist = distOf(place);
  const old = `${fresh}-old`;
  // A crash between the two renames leaves no console, and the next start builds it.
  if (existsSync(dist)) await rename(dist, old);
  await rename(fresh, dist);
  await rm(old, { recursive: true, force: true });
}

async function run({ folder }: ConsolePlace, outDir: string): Promise<void> {
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
  throw new Error(["the console could not be built:", ...lines.map((line) => `  ${line}`)].join("\n"));
}

async function hashOf({ sources }: ConsolePlace): Promise<string> {
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
