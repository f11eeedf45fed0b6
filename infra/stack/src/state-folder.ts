import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { releaseLock, takeLock } from "./file-lock.ts";
import { endLeftOvers } from "./processes.ts";
import { openServerHome } from "./server-home.ts";

/** The folder that holds all that a stack keeps, opened for one stack alone. Real paths. */
export type StateFolder = {
  folder: string;
  /** Data of PostgreSQL and Redis. */
  serverHome: string;
  logFolder: string;
  /** The working folder of a process, by its name. */
  runFolder: (name: string) => string;
  release: () => Promise<void>;
};

/** What a killed run left is given this long to end by itself; its guard may still be draining. */
const LEFT_OVER_PATIENCE_MS = 3_000;

/**
 * Opens the state folder, and ends what a killed run left there.
 * @throws {Error} when another stack uses it
 */
export async function openStateFolder(wanted: string, { temporary }: { temporary: boolean }): Promise<StateFolder> {
  // It holds keys and clients' files. One that was there already keeps its owner's choice.
  const isNew = (await mkdir(wanted, { recursive: true })) !== undefined;
  if (isNew) await chmod(wanted, 0o700);
  const folder = await realpath(wanted);
  const serverHome = await openServerHome(folder, { temporary });
  // Beside the data, not beside the link to it: a copied checkout would share the data.
  const lock = path.join(serverHome, "lock");
  const holder = await takeLock(lock);
  if (holder !== undefined)
    throw new Error(
      `another Inlet (process ${holder}) uses ${folder}: stop it first, or set INLET_STATE to another folder`,
    );
  await endLeftOvers([folder, serverHome], { patienceMs: LEFT_OVER_PATIENCE_MS });
  const logFolder = path.join(folder, "logs");
  await mkdir(logFolder, { recursive: true });
  return {
    folder,
    serverHome,
    logFolder,
    runFolder: (name) => path.join(folder, "run", name),
    release: () => releaseLock(lock),
  };
}

/**
 * The key-encryption key of this hub, 32 bytes in base64: made at the first start and kept in the state folder.
 * What is sealed with it cannot be opened without it.
 */
export async function openKey(folder: string): Promise<string> {
  const file = path.join(folder, "secrets.json");
  const existing = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (existing !== undefined) return JSON.parse(existing).key;
  const key = randomBytes(32).toString("base64");
  await writeFile(`${file}.new`, JSON.stringify({ key }), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return key;
}
