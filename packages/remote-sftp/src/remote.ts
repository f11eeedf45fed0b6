import type { Socket } from "node:net";
import { type RemoteServer, Unavailable } from "@inlet/contracts";
import type SftpClient from "ssh2-sftp-client";
import { nameOf, operationError, SFTP_STATUS, statusOf } from "./remote-error.ts";
import { type RemoteSource, readPieces, writePieces } from "./transfer.ts";

/** A session's SFTP channel. */
export type SftpChannel = Awaited<ReturnType<SftpClient["connect"]>>;

type Attributes = Parameters<Parameters<SftpChannel["lstat"]>[1]>[1];

/** An entry of a remote folder. */
export interface RemoteFile {
  name: string;
  sizeBytes: number;
  /** Whole seconds: SFTP knows no finer time. */
  modifiedMs: number;
  /** A regular file. Links and folders are none. */
  isFile: boolean;
}

/** A session on a client's server. Every operation throws `Misconfigured` or `Unavailable`. */
export interface Remote {
  /** A folder's entries, without `.` and `..`. */
  list(folder: string): Promise<RemoteFile[]>;
  /** Undefined: nothing is there. */
  stat(path: string): Promise<RemoteFile | undefined>;
  /**
   * Reads a file whose size is known. `take` gets its bytes in order; a chunk is used again once `take` resolves.
   * @throws Unavailable `remote_changed` when it turns out shorter or longer
   */
  read(path: string, sizeBytes: number, take: (chunk: Buffer) => Promise<void> | void): Promise<void>;
  /** Writes a new file, synced to the server's disk where the server can. @throws when there is one */
  create(path: string, source: RemoteSource): Promise<void>;
  /** Renames. False, and nothing done, when there is something under the new name. */
  move(from: string, to: string): Promise<boolean>;
  /** Renames onto what is there, at once where the server can. */
  replace(from: string, to: string): Promise<void>;
  /** Nothing there is no error. */
  remove(path: string): Promise<void>;
  /** Makes a folder below one that exists; one that is there is no error. */
  makeFolder(path: string): Promise<void>;
  close(): Promise<void>;
}

interface Session {
  server: RemoteServer;
  sftp: SftpChannel;
  socket: Socket;
  end: () => Promise<unknown>;
  signal: AbortSignal | undefined;
}

const CLOSE_TIMEOUT_MS = 2_000;

type Done<T> = (error: Error | undefined | null, result: T) => void;

/** Wraps an open channel. */
export function openRemote({ server, sftp, socket, end, signal }: Session): Remote {
  const pending = new Set<(cause: unknown) => void>();
  let lost: Error | undefined;
  socket.once("close", () => {
    const words = signal?.aborted ? "the session was stopped" : "the connection broke";
    lost = new Unavailable({ code: "remote_lost", message: `${nameOf(server)}: ${words}.` });
    for (const reject of pending) reject(lost);
  });

  /** One request. Also answered when the connection breaks. */
  function ask<T = void>(run: (done: Done<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (lost) return reject(lost);
      const settle = (act: () => void) => {
        pending.delete(fail);
        act();
      };
      const fail = (cause: unknown) => settle(() => reject(cause));
      pending.add(fail);
      try {
        run((error, result) => (error ? fail(lost ?? error) : settle(() => resolve(result))));
      } catch (cause) {
        fail(cause);
      }
    });
  }

  async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw operationError(server, what, lost ?? cause);
    }
  }

  const lstat = (path: string) =>
    ask<Attributes>((done) => sftp.lstat(path, done)).catch((error) => {
      if (statusOf(error) === SFTP_STATUS.noSuchFile) return undefined;
      throw error;
    });

  async function withHandle<T>(path: string, flags: "r" | "wx", work: (handle: Buffer) => Promise<T>): Promise<T> {
    const handle = await ask<Buffer>((done) => sftp.open(path, flags, done));
    let result: T;
    try {
      result = await work(handle);
    } catch (error) {
      await ask((done) => sftp.close(handle, (fault) => done(fault))).catch(() => {});
      throw error;
    }
    await ask((done) => sftp.close(handle, (fault) => done(fault)));
    return result;
  }

  const remove = (path: string) =>
    ask((done) => sftp.unlink(path, (fault) => done(fault))).catch((error) => {
      if (statusOf(error) !== SFTP_STATUS.noSuchFile) throw error;
    });
  const rename = (from: string, to: string) => ask((done) => sftp.rename(from, to, (fault) => done(fault)));

  return {
    list: (folder) =>
      doing(`listing ${folder}`, async () => {
        const entries = await ask<Entry[]>((done) => sftp.readdir(folder, done as never));
        return entries.filter(({ filename }) => filename !== "." && filename !== "..").map(asFile);
      }),
    stat: (path) =>
      doing(`looking at ${path}`, async () => {
        const attrs = await lstat(path);
        return attrs && asFile({ filename: path.slice(path.lastIndexOf("/") + 1), attrs });
      }),
    read: (path, sizeBytes, take) =>
      doing(`reading ${path}`, () =>
        withHandle(path, "r", (handle) =>
          readPieces(
            (buffer, at, length, position) =>
              ask<number>((done) => sftp.read(handle, buffer, at, length, position, done)).catch((error) => {
                if (statusOf(error) === SFTP_STATUS.eof) return 0;
                throw error;
              }),
            { path, sizeBytes, take },
          ),
        ),
      ),
    create: (path, source) =>
      doing(`writing ${path}`, () =>
        withHandle(path, "wx", async (handle) => {
          await writePieces(
            (buffer, at, length, position) =>
              ask((done) => sftp.write(handle, buffer, at, length, position, (fault) => done(fault))),
            source,
          );
          await ask((done) => sftp.ext_openssh_fsync(handle, (fault) => done(fault))).catch((error: Error) => {
            if (!/does not support/.test(error.message)) throw error;
          });
        }),
      ),
    move: (from, to) =>
      doing(`renaming ${from} to ${to}`, async () => {
        if (await lstat(to)) return false;
        try {
          await rename(from, to);
          return true;
        } catch (error) {
          // Somebody else was quicker: RENAME does not replace (draft-ietf-secsh-filexfer-02, 6.5).
          if (statusOf(error) === SFTP_STATUS.failure && (await lstat(to))) return false;
          throw error;
        }
      }),
    replace: (from, to) =>
      doing(`renaming ${from} to ${to}`, async () => {
        try {
          await ask((done) => sftp.ext_openssh_rename(from, to, (fault) => done(fault)));
        } catch (error) {
          if (!/does not support/.test((error as Error).message)) throw error;
          await remove(to);
          await rename(from, to);
        }
      }),
    remove: (path) => doing(`removing ${path}`, () => remove(path)),
    makeFolder: (path) =>
      doing(`making ${path}`, async () => {
        if (await lstat(path)) return;
        await ask((done) => sftp.mkdir(path, (fault) => done(fault))).catch(async (error) => {
          if (!(await lstat(path))) throw error;
        });
      }),
    async close() {
      const deadline = new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
      if (!lost) await Promise.race([end().catch(() => {}), deadline]);
      socket.destroy();
    },
  };
}

interface Entry {
  filename: string;
  longname?: string;
  attrs: Attributes;
}

function asFile({ filename, longname, attrs }: Entry): RemoteFile {
  // A server need not send the mode; then the first letter of its `ls -l` line tells.
  const isFile = attrs.mode === undefined ? longname?.startsWith("-") === true : attrs.isFile();
  return { name: filename, sizeBytes: attrs.size, modifiedMs: attrs.mtime * 1000, isFile };
}
