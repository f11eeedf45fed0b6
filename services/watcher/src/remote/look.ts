import { rm } from "node:fs/promises";
import { extname, join, posix } from "node:path";
import { AppError, Misconfigured, Unavailable } from "@inlet/contracts";
import {
  type Database,
  forgetRemoteFiles,
  insertRemoteArrival,
  type LiveProject,
  recordAudit,
  recordSightings,
  transaction,
} from "@inlet/database";
import { type Publisher, readClientSecret } from "@inlet/pipeline";
import type { RemoteNetwork } from "@inlet/remote-network";
import { connectRemote, type Remote } from "@inlet/remote-sftp";
import { failpoint, type Logger } from "@inlet/runtime";
import { fetchFile } from "./fetch-file.ts";
import { fetchFlag } from "./fetch-flag.ts";
import { candidates, type DataFile, judge, type RemoteSource } from "./listing.ts";

/** What looking at remote sources needs. */
export interface LookParts {
  database: Database;
  publisher: Publisher;
  dataFolder: string;
  keyEncryptionKey: Buffer;
  network: RemoteNetwork;
  /** A larger file is not fetched. */
  maxBytes: number;
  logger: Logger;
}

/** A look that went through. `problems` concern single files. */
export interface Look {
  fetched: number;
  waiting: number;
  problems: AppError[];
}

/** Looks at a project's remote folder once: fetches what is complete, moves aside what was fetched. */
export async function lookAtSource(
  parts: LookParts,
  project: LiveProject,
  source: RemoteSource,
  signal: AbortSignal,
): Promise<Look> {
  const { database, keyEncryptionKey, network } = parts;
  const { projectId } = project;
  const secret = await readClientSecret(database, keyEncryptionKey, { ...project, name: source.server.secret });
  const remote = await connectRemote(source.server, secret, { network, signal });
  const look: Look = { fetched: 0, waiting: 0, problems: [] };
  try {
    const files = candidates(source.folder, await remote.list(source.folder));
    const known = await transaction(database, (tx) => recordSightings(tx, { projectId, files }));
    const judgement = judge(files, known, source.complete);
    look.waiting = judgement.waiting.length;
    const aside = source.after.action === "move" ? openAside(remote, source.folder, source.after.folder) : undefined;
    const moveAside = async (data: DataFile, mark: string) => {
      if (aside === undefined) return;
      await aside(data, mark);
      const paths = [data.file.path, ...(data.flag ? [data.flag.path] : [])];
      await forgetRemoteFiles(database, { projectId, paths });
    };

    // What an earlier look fetched and could not move.
    for (const data of aside ? judgement.fetched : []) {
      const arrivalId = known.get(data.file.path)?.arrivalId;
      await each(look, () => moveAside(data, String(arrivalId)));
    }
    for (const data of judgement.fetch) {
      await each(look, async () => {
        const arrivalId = await takeFile(parts, project, source, remote, data);
        if (arrivalId === undefined) return;
        look.fetched += 1;
        await moveAside(data, String(arrivalId));
      });
    }
    return look;
  } finally {
    await remote.close();
  }
}

/** One file's problem is not the others', unless the session or our disk is gone. */
async function each(look: Look, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || ["remote_lost", "disk_full", "disk_unavailable"].includes(error.code))
      throw error;
    // It is simply not complete yet.
    if (error.code === "remote_changed") look.waiting += 1;
    else look.problems.push(error);
  }
}

/** Fetches a file and makes it an arrival, in one commit with the memory of it. */
async function takeFile(
  { database, publisher, dataFolder, maxBytes, logger }: LookParts,
  { projectId, client, project }: LiveProject,
  source: RemoteSource,
  remote: Remote,
  { file, flag, isFlagUsed }: DataFile,
): Promise<number | undefined> {
  if (file.sizeBytes > maxBytes) {
    throw new Misconfigured({
      code: "remote_file_too_large",
      message: `${file.path} has ${file.sizeBytes} bytes; at most ${maxBytes} are fetched (REMOTE_MAX_BYTES).`,
    });
  }
  const flagContent = flag && !isFlagUsed ? await fetchFlag(remote, flag) : undefined;
  const fetched = await fetchFile(remote, file, dataFolder);
  failpoint("watcher.fetched");
  const arrivalId = await transaction(database, async (tx) => {
    const found = { projectId, fileName: file.name, ...file, ...fetched, flag, flagContent };
    const id = await insertRemoteArrival(tx, found);
    if (id === undefined) return undefined;
    await recordAudit(tx, {
      actor: "watcher",
      address: source.server.host,
      action: "remote.fetched",
      path: file.path,
      sha256: fetched.sha256,
      outcome: "fetched",
      detail: { client, project, arrivalId: id, sizeBytes: file.sizeBytes },
    });
    return id;
  });
  if (arrivalId === undefined) {
    await rm(join(dataFolder, fetched.location), { force: true });
    return undefined;
  }
  failpoint("watcher.fetch-committed");
  logger.info({ client, project, arrivalId, sizeBytes: file.sizeBytes }, "remote file fetched");
  await publisher.arrivals([arrivalId]);
  return arrivalId;
}

async function moveToFirstFree(remote: Remote, from: string, places: readonly string[]): Promise<string | undefined> {
  for (const to of places) if (await remote.move(from, to)) return to;
  return undefined;
}

/**
 * Moves files into a folder beside them, under a free name. The flag goes first: without its file it says nothing. What
 * was moved must be what was fetched; another file that took its place meanwhile is moved back.
 * @throws Unavailable `remote_changed` when it was moved back, `remote_overwritten` when that could not be done
 */
function openAside(remote: Remote, folder: string, asideFolder: string) {
  const target = asideFolder.startsWith("/") ? asideFolder : posix.join(folder, asideFolder);
  let made: Promise<void> | undefined;
  return async ({ file, flag }: DataFile, mark: string): Promise<void> => {
    made ??= remote.makeFolder(target);
    await made;
    const moved: { path: string; aside: string }[] = [];
    for (const { name, path } of flag ? [flag, file] : [file]) {
      const extension = extname(name);
      const marked = `${name.slice(0, name.length - extension.length)} (arrival ${mark})${extension}`;
      const aside = await moveToFirstFree(remote, path, [posix.join(target, name), posix.join(target, marked)]);
      if (aside === undefined) {
        throw new Unavailable({
          code: "remote_aside_taken",
          message: `${path} was fetched, but cannot be moved aside: ${target} has files named ${name} and ${marked}.`,
        });
      }
      moved.push({ path, aside });
    }
    failpoint("watcher.moved-aside");
    const there = await remote.stat(moved.at(-1)!.aside);
    if (there?.sizeBytes === file.sizeBytes && there.modifiedMs === file.modifiedMs) return;
    // Its sender has put another file in its place since it was fetched: that one has yet to be fetched.
    for (const { path, aside } of moved.toReversed()) {
      if (await remote.move(aside, path)) continue;
      throw new Unavailable({
        code: "remote_overwritten",
        message: `${path} was overwritten after it was fetched and before it was moved aside. What it was overwritten with is now ${aside} and was not imported: ${path} is there again. Put it back under a name of its own if it is wanted.`,
      });
    }
    throw new Unavailable({ code: "remote_changed", message: `${file.path} has changed since it was fetched.` });
  };
}
