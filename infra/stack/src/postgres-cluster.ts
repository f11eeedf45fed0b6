import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { sharedHome } from "./server-home.ts";
import { asServerUser, isRoot, serverUser } from "./server-user.ts";

/** The role that owns the database, and the database. */
export const POSTGRES_USER = "inlet";
export const POSTGRES_DATABASE = "inlet";

/** A data folder and the password of its owner. */
export type Cluster = { folder: string; password: string };

/**
 * The cluster below `home`, made when there is none. A temporary one is a copy of a template, which saves a second and
 * shares the template's password; a lasting one is initialised by itself.
 */
export async function openCluster(binaries: PostgresBinaries, home: string, temporary: boolean): Promise<Cluster> {
  const folder = path.join(home, "postgres");
  const passwordFile = path.join(home, "postgres-password");
  const existing = await readIfThere(passwordFile);
  if (existing !== undefined) return { folder, password: existing };
  // The password comes last: without it, whatever lies here was left by a killed start.
  await rm(folder, { recursive: true, force: true });
  const password = temporary ? await copyTemplate(binaries, folder) : await initialise(binaries, folder);
  await writeFile(`${passwordFile}.new`, password, { mode: 0o600 });
  await rename(`${passwordFile}.new`, passwordFile);
  return { folder, password };
}

async function copyTemplate(binaries: PostgresBinaries, folder: string): Promise<string> {
  const template = path.join(await sharedHome(), `template-${binaries.version}`);
  const read = () => readIfThere(path.join(template, "password"));
  const password = (await read()) ?? (await makeTemplate(binaries, template).then(read));
  if (password === undefined) throw new Error(`${template} is not complete: remove it`);
  // cp, not fs.cp: it keeps the owner, and shares blocks where the file system can.
  await run(["cp", "-a", path.join(template, "data"), folder]);
  return password;
}

/** Several test runs may come here at once: each makes its own, and the first to finish wins. */
async function makeTemplate(binaries: PostgresBinaries, template: string): Promise<void> {
  const temporary = `${template}.${process.pid}-${randomBytes(3).toString("hex")}`;
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await giveToServerUser(temporary);
  const password = await initialise(binaries, path.join(temporary, "data"));
  await writeFile(path.join(temporary, "password"), password, { mode: 0o600 });
  await rename(temporary, template).catch(() => rm(temporary, { recursive: true, force: true }));
}

/** Initialises a cluster in `folder`, with the role and the database of this project; answers the password. */
async function initialise({ initdb, postgres }: PostgresBinaries, folder: string): Promise<string> {
  const password = randomBytes(18).toString("base64url");
  const passwordFile = `${folder}-first-password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveToServerUser(passwordFile);
  const cwd = path.dirname(folder);
  try {
    // The C.UTF-8 of PostgreSQL itself: the same order on every machine, and no locale package needed.
    const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const login = ["-U", POSTGRES_USER, `--pwfile=${passwordFile}`, "-A", "scram-sha-256"];
    await run([...asServerUser("KILL"), initdb, "-D", folder, ...login, "-E", "UTF8", ...locale], { cwd });
    // The single-user mode needs no client program.
    const single = [...asServerUser("KILL"), postgres, "--single", "-D", folder, "postgres"];
    await run(single, { cwd, input: `CREATE DATABASE ${POSTGRES_DATABASE} OWNER ${POSTGRES_USER}\n` });
  } finally {
    await rm(passwordFile, { force: true });
  }
  return password;
}

/**
 * Whether the server answers: PostgreSQL writes `ready` into line 8 of its pid file.
 * @param pid the process that must have written it: a file of a killed server may still lie there
 */
export async function isClusterReady({ folder }: Cluster, pid: number): Promise<boolean> {
  const lines = (await readIfThere(path.join(folder, "postmaster.pid")))?.split("\n");
  return lines?.[0]?.trim() === `${pid}` && lines[7]?.trim() === "ready";
}

/**
 * Clears the way for a start after a kill: no process works in the folder any more (`endLeftOvers` saw to that), so a
 * pid file names a stranger, and PostgreSQL would refuse to start for it.
 */
export async function removeStalePidFile({ folder }: Cluster): Promise<void> {
  await rm(path.join(folder, "postmaster.pid"), { force: true });
}

async function giveToServerUser(file: string): Promise<void> {
  if (!isRoot()) return;
  const { uid, gid } = serverUser();
  await chown(file, uid, gid);
}

const readIfThere = (file: string) =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

async function run(commandLine: string[], { cwd, input = "" }: { cwd?: string; input?: string } = {}): Promise<void> {
  const [command = "", ...args] = commandLine;
  const child = spawn(command, args, { ...(cwd && { cwd }), env: serverEnv(), stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  const [code, out, err] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  if (code !== 0)
    throw new Error(
      `${path.basename(args.find((arg) => arg.endsWith("initdb")) ?? command)} failed (${code}): ${out}${err}`,
    );
}

/** A server sees nothing of the person's settings but where programs are. */
export const serverEnv = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" });
