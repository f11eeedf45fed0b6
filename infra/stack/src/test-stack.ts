import { mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isAlive, processesIn } from "./processes.ts";
import { removeServerHome } from "./server-home.ts";
import { openStack } from "./stack.ts";
import type { Stack, StackOptions } from "./stack-terms.ts";

const PREFIX = "inlet test ";
/** A folder without a lock may be one that is just being opened. */
const UNLOCKED_MAX_AGE_MS = 60 * 60 * 1000;

/**
 * A stack of its own for one test file, in a new folder with a space in its name, on free ports. `await using` stops it,
 * which removes everything.
 * @example
 * const stack = await openTestStack({ services: ["sftp-gateway", "watcher"] });
 * afterAll(() => stack.stop());
 */
export async function openTestStack(
  options: Omit<StackOptions, "stateFolder" | "temporary"> = {},
): Promise<Stack & AsyncDisposable> {
  await removeForgotten();
  const stateFolder = await mkdtemp(path.join(os.tmpdir(), PREFIX));
  const stack = await openStack({ ...options, stateFolder, temporary: true });
  return { ...stack, [Symbol.asyncDispose]: () => stack.stop() };
}

/** What killed test runs left goes with the next one. */
async function removeForgotten(): Promise<void> {
  const names = (await readdir(os.tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) await removeIfForgotten(path.join(os.tmpdir(), name));
}

async function removeIfForgotten(folder: string): Promise<void> {
  // Two test processes may both find it, and it may be another user's.
  try {
    const { uid, mtimeMs } = await stat(folder);
    if (uid !== process.getuid?.()) return;
    const home = await realpath(path.join(folder, "servers")).catch(() => undefined);
    const lock = home && (await readFile(path.join(home, "lock"), "utf8").catch(() => undefined));
    if (lock === undefined ? Date.now() - mtimeMs < UNLOCKED_MAX_AGE_MS : isAlive(lock)) return;
    if ([folder, home ?? folder].some((place) => processesIn(place).length > 0)) return;
    if (home) await removeServerHome(home);
    await rm(folder, { recursive: true, force: true });
  } catch {
    // The next run tries again.
  }
}
