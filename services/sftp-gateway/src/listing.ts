import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { visibleArrivals } from "@inlet/database";
import type { Context, Principal } from "./context.ts";
import { isDelivered } from "./download.ts";
import { regularFile } from "./inbox.ts";
import { patiently } from "./patience.ts";
import { folderLocation } from "./places.ts";
import { type Folder, hasRole, type RoleFolder } from "./view.ts";

/** One name in a folder, as SFTP describes it. */
export interface Listed {
  filename: string;
  longname: string;
  attrs: Attributes;
}

/** Attributes in SFTP's units: seconds. */
export interface Attributes {
  mode: number;
  size: number;
  uid: number;
  gid: number;
  atime: number;
  mtime: number;
}

const FOLDER_MODE = 0o040000;
const FILE_MODE = 0o100000;
/** Files looked at on disk at once. */
const LOOKS_AT_ONCE = 32;

/** What a client may do, in the letters that it knows. */
const permissionsOf = (role: Folder["role"]): { folder: number; file: number } =>
  role === "uploads" ? { folder: 0o750, file: 0o640 } : { folder: 0o550, file: 0o440 };

export function folderAttributes(folder: Folder, modifiedMs: number): Attributes {
  return attributes(FOLDER_MODE | permissionsOf(folder.role).folder, 4096, modifiedMs);
}

export function fileAttributes(
  { role }: Pick<Folder, "role">,
  { sizeBytes, modifiedMs }: { sizeBytes: number; modifiedMs: number },
): Attributes {
  return attributes(FILE_MODE | permissionsOf(role).file, sizeBytes, modifiedMs);
}

function attributes(mode: number, size: number, modifiedMs: number): Attributes {
  // 32 bits, unsigned (draft-ietf-secsh-filexfer-02, section 5).
  const seconds = Math.min(Math.max(Math.floor(modifiedMs / 1000), 0), 0xffff_ffff);
  return { mode, size, uid: 0, gid: 0, atime: seconds, mtime: seconds };
}

/** When a folder's content changed last. */
export async function folderModifiedMs({ dataFolder }: Context, { jail }: Principal, folder: Folder): Promise<number> {
  return (await stat(join(dataFolder, folderLocation(jail, folder.segments)))).mtimeMs;
}

/** Everything that a client sees in a folder. */
export async function list(context: Context, principal: Principal, folder: Folder): Promise<Listed[]> {
  const names = new Map<string, Attributes>();
  if (hasRole(folder)) {
    for (const [name, attrs] of await filesOnDisk(context, principal, folder)) names.set(name, attrs);
    // After the look at the disk: what the watcher takes in between is found here.
    if (folder.role === "uploads") {
      for (const [name, attrs] of await arrivedFiles(context, principal, folder)) {
        if (!names.has(name)) names.set(name, attrs);
      }
    }
  }
  for (const [name, child] of folder.children) {
    names.set(name, folderAttributes(child, await folderModifiedMs(context, principal, child)));
  }
  return [...names].map(([filename, attrs]) => ({ filename, longname: longName(filename, attrs), attrs }));
}

async function filesOnDisk(
  { dataFolder }: Context,
  { jail }: Principal,
  folder: RoleFolder,
): Promise<[string, Attributes][]> {
  const path = join(dataFolder, folderLocation(jail, folder.segments));
  const names = (await readdir(path)).filter((name) => folder.role === "uploads" || isDelivered(name));
  const found: [string, Attributes][] = [];
  for (let start = 0; start < names.length; start += LOOKS_AT_ONCE) {
    const some = names.slice(start, start + LOOKS_AT_ONCE);
    const stats = await Promise.all(some.map((name) => regularFile(join(path, name))));
    some.forEach((name, index) => {
      const one = stats[index];
      if (one) found.push([name, fileAttributes(folder, { sizeBytes: one.size, modifiedMs: one.mtimeMs })]);
    });
  }
  return found;
}

async function arrivedFiles(
  { database, limits }: Context,
  { accountId }: Principal,
  folder: RoleFolder,
): Promise<[string, Attributes][]> {
  const { projectId } = folder;
  const arrived = await patiently(limits.patienceMs, () => visibleArrivals(database, { projectId, accountId }));
  return arrived
    .filter(({ path, fileName }) => path === `${folder.path}/${fileName}`)
    .map(({ fileName, sizeBytes, arrivedAt }) => [
      fileName,
      fileAttributes(folder, { sizeBytes, modifiedMs: arrivedAt.getTime() }),
    ]);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const HALF_A_YEAR_S = 182 * 86_400;

/** A line of `ls -l`, which OpenSSH's sftp shows as it is. */
export function longName(name: string, { mode, size, mtime }: Attributes, nowS = Date.now() / 1000): string {
  const letters = [6, 3, 0].map((shift) => {
    const bits = (mode >> shift) & 7;
    return (bits & 4 ? "r" : "-") + (bits & 2 ? "w" : "-") + (bits & 1 ? "x" : "-");
  });
  const isFolder = (mode & FOLDER_MODE) !== 0;
  const date = new Date(mtime * 1000);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const isRecent = Math.abs(nowS - mtime) < HALF_A_YEAR_S;
  const time = isRecent ? date.toISOString().slice(11, 16) : ` ${date.getUTCFullYear()}`;
  const links = isFolder ? 2 : 1;
  return `${isFolder ? "d" : "-"}${letters.join("")}    ${links} client   client   ${String(size).padStart(12)} ${day} ${time} ${name}`;
}
