import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  access,
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { TOOLS } from "../../bootstrap/pinned.js";
import { processesIn } from "./processes.ts";
import { isRoot, serverUser } from "./server-user.ts";

/**
 * Where root's servers live: they run as another user, which may be unable to enter the checkout at all
 * (a clone below /root is under a folder that only root can enter).
 */
const ROOT_BASE = "/var/lib/inlet";

/** The folder that outlives all stacks: copied binaries, the cluster template. Readable by the servers' user. */
export async function sharedHome(): Promise<string> {
  if (!isRoot()) return userHome();
  await mkdir(ROOT_BASE, { recursive: true });
  // A strict umask would keep the servers' user out.
  await chmod(ROOT_BASE, 0o755);
  return ROOT_BASE;
}

/** In the checkout, or in a private folder of the system's when the checkout is another user's. */
async function userHome(): Promise<string> {
  const own = path.join(TOOLS, "stack");
  try {
    await mkdir(own, { recursive: true });
    await access(own, constants.W_OK);
    return own;
  } catch {
    const folder = path.join(os.tmpdir(), `inlet-${os.userInfo().uid}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await lstat(folder)).uid !== os.userInfo().uid)
      throw new Error(`${folder} belongs to another user: remove it`);
    return folder;
  }
}

/**
 * The folder that holds the data of one stack's PostgreSQL and Redis: `servers` in the state folder, which for root is
 * a link to a folder below /var/lib/inlet. The answer is the real path.
 */
export async function openServerHome(stateFolder: string, { temporary }: { temporary: boolean }): Promise<string> {
  const entry = path.join(stateFolder, "servers");
  if (isRoot() && !(await exists(entry))) await linkRootHome(entry, temporary);
  await mkdir(entry, { recursive: true });
  return realpath(entry);
}

/** Removes the data folder of a temporary stack. */
export async function removeServerHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
}

async function linkRootHome(entry: string, temporary: boolean): Promise<void> {
  const base = await sharedHome();
  if (temporary) await removeForgotten(base);
  const home = path.join(base, `${temporary ? "temporary" : "state"}-${randomBytes(6).toString("hex")}`);
  await mkdir(home);
  await chmod(home, 0o700);
  const { uid, gid } = serverUser();
  await chown(home, uid, gid);
  await writeFile(path.join(home, "belongs-to"), entry);
  await symlink(home, entry);
}

/** Test runs that were killed leave their data folder here: it goes when its state folder has gone. */
async function removeForgotten(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    if (!name.startsWith("temporary-")) continue;
    const home = path.join(base, name);
    const owner = await readFile(path.join(home, "belongs-to"), "utf8").catch(() => undefined);
    if (owner === undefined || (await exists(owner)) || processesIn(home).length > 0) continue;
    await removeServerHome(home);
  }
}

const exists = (file: string) =>
  lstat(file).then(
    () => true,
    () => false,
  );
