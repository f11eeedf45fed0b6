import { utimes } from "node:fs/promises";
import type { Attributes as SetAttributes, SFTPWrapper } from "ssh2";
import type { AccountViews } from "./account-views.ts";
import { endChannel } from "./channel.ts";
import { audit, type Context, entryOf, type Principal } from "./context.ts";
import { isDelivered, openDownload, removeDownload } from "./download.ts";
import type { Flow } from "./flow.ts";
import { type Handle, Handles } from "./handles.ts";
import { look, regularFile, removeUpload } from "./inbox.ts";
import { type Attributes, fileAttributes, folderAttributes, folderModifiedMs, list } from "./listing.ts";
import { pathOf, printable, segmentsOf } from "./paths.ts";
import { type Place, placeOf } from "./places.ts";
import { renameUpload } from "./renaming.ts";
import { answerTo, denied, failure, noSuchFile, Refusal, STATUS } from "./status.ts";
import { openUpload } from "./upload.ts";
import { type Folder, type Resolved, type RoleFolder, resolve } from "./view.ts";

/** Flags of OPEN (draft-ietf-secsh-filexfer-02, section 6.3). */
const OPEN = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;
/** What one READ answers at most: with its header it stays under the 256 KB packets that OpenSSH takes. */
const MAX_READ_BYTES = 255 * 1024;
/** READs that a client may have under way; OpenSSH uses 64, rclone 64, sshfs a few. */
const MAX_READS = 4096;
/** A client that goes on asking for what it may not have must not fill the audit. */
const MAX_AUDITED_REFUSALS = 200;
const NAMES_PER_ANSWER = 100;

/** Requests that begin with a path. */
type PathRequest =
  | "OPEN"
  | "OPENDIR"
  | "STAT"
  | "LSTAT"
  | "SETSTAT"
  | "REALPATH"
  | "REMOVE"
  | "RENAME"
  | "MKDIR"
  | "RMDIR"
  | "READLINK"
  | "SYMLINK";

/** What a client asked for. */
interface Asked {
  request: string;
  id: number;
  path?: string;
  /** Bytes that the request holds while it waits. */
  sizeBytes: number;
}

interface SessionOptions {
  context: Context;
  principal: Principal;
  views: AccountViews;
  flow: Flow;
  stream: SFTPWrapper;
  /** Called at each request, so that idle connections can be told. */
  onRequest: () => void;
  /** Called when the account may not be logged in any more. */
  onRevoked: () => void;
}

/**
 * One SFTP stream of a logged-in client. READ and WRITE run side by side; everything else runs in the order in which it
 * was asked for, because clients send requests without waiting for the answers.
 */
export class SftpSession {
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #views: AccountViews;
  readonly #flow: Flow;
  readonly #stream: SFTPWrapper;
  readonly #handles: Handles;
  readonly #onRequest: () => void;
  readonly #onRevoked: () => void;
  #queue: Promise<void> = Promise.resolve();
  #reads = 0;
  #refusals = 0;
  #ended = false;

  constructor({ context, principal, views, flow, stream, onRequest, onRevoked }: SessionOptions) {
    this.#context = context;
    this.#principal = principal;
    this.#views = views;
    this.#flow = flow;
    this.#stream = stream;
    this.#handles = new Handles(context.limits.handles);
    this.#onRequest = onRequest;
    this.#onRevoked = onRevoked;
    this.#listen();
  }

  /** Resolves when every request that was taken has been answered, and, after the end, every handle is closed. */
  settled(): Promise<void> {
    return this.#queue;
  }

  /** Ends the session: what is open is abandoned, after the requests before it. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = this.#queue.then(() => this.#abandonAll(reason));
  }

  #listen(): void {
    const stream = this.#stream;
    const onPath = (request: PathRequest, work: (id: number, path: string, third: never) => Promise<void>) =>
      stream.on(request, (id: number, path: string, third: never) =>
        this.#inOrder({ request, id, path, sizeBytes: sizeOf(path) + sizeOf(third) }, () => work(id, path, third)),
      );
    onPath("OPEN", (id, path, flags: number) => this.#open(id, path, flags));
    onPath("OPENDIR", (id, path) => this.#openFolder(id, path));
    onPath("STAT", (id, path) => this.#stat(id, path));
    onPath("LSTAT", (id, path) => this.#stat(id, path));
    onPath("SETSTAT", (id, path, attributes: SetAttributes) => this.#setStat(id, path, attributes));
    onPath("REALPATH", (id, path) => this.#realPath(id, path));
    onPath("REMOVE", (id, path) => this.#remove(id, path));
    onPath("RENAME", (id, from, to: string) => this.#rename(id, from, to, false));
    onPath("MKDIR", (_, path) => this.#refuseFolder(path));
    onPath("RMDIR", (_, path) => this.#refuseFolder(path));
    onPath("READLINK", () => Promise.reject(noLinks()));
    onPath("SYMLINK", () => Promise.reject(noLinks()));
    const inOrder = (request: string, id: number, work: () => Promise<void>, sizeBytes = 0) =>
      this.#inOrder({ request, id, sizeBytes }, work);
    stream.on("CLOSE", (id, handle) => inOrder("CLOSE", id, () => this.#close(id, handle)));
    stream.on("FSTAT", (id, handle) => inOrder("FSTAT", id, () => this.#statHandle(id, handle)));
    stream.on("FSETSTAT", (id, handle, attrs) => inOrder("FSETSTAT", id, () => this.#setHandle(id, handle, attrs)));
    stream.on("READDIR", (id, handle) => inOrder("READDIR", id, () => this.#readFolder(id, handle)));
    stream.on("EXTENDED", (id, name, data: Buffer | undefined) =>
      inOrder(name, id, () => this.#extended(id, name, data), sizeOf(name) + (data?.length ?? 0)),
    );
    stream.on("READ", (id, handle, offset, length) => void this.#read(id, handle, offset, length));
    stream.on("WRITE", (id, handle, offset, data) => void this.#write(id, handle, offset, data));
    stream.on("error", (err: Error) => {
      this.#context.logger.info({ err, session: this.#principal.session }, "a client broke the SFTP protocol");
    });
    stream.on("end", () => {
      this.end("the client ended the session with the file open");
      endChannel(stream);
    });
    stream.on("close", () => this.end("the connection was lost"));
  }

  #inOrder(asked: Asked, work: () => Promise<void>): void {
    if (this.#ended) return;
    this.#onRequest();
    const done = this.#flow.queued(asked.sizeBytes);
    this.#queue = this.#queue.then(async () => {
      try {
        await work();
      } catch (error) {
        await this.#refuse(asked, error);
      } finally {
        done();
      }
    });
  }

  /** Answers an error, and writes it where it belongs: refusals to the audit, faults of ours to the log. */
  async #refuse({ request, id, path }: Omit<Asked, "sizeBytes">, error: unknown): Promise<void> {
    const { status, message, expected } = answerTo(error);
    this.#status(id, status, message);
    const { logger } = this.#context;
    if (!expected) {
      logger.error({ err: error, request, session: this.#principal.session }, "a request failed");
    } else if (error instanceof Refusal && status !== STATUS.noSuchFile && status !== STATUS.opUnsupported) {
      this.#refusals += 1;
      if (this.#refusals > MAX_AUDITED_REFUSALS) return;
      await audit(
        this.#context,
        entryOf(this.#principal, {
          action: "refuse",
          outcome: "refused",
          // As it was sent, but for what PostgreSQL cannot hold or a terminal would act on.
          path: path === undefined ? null : printable(path),
          detail: { request: printable(request), reason: message },
        }),
      );
    }
  }

  #status(id: number, status: number, message = ""): void {
    this.#flow.answering(this.#stream);
    this.#stream.status(id, status, message);
  }

  #ok(id: number): void {
    this.#status(id, STATUS.ok);
  }

  #attributes(id: number, attributes: Attributes): void {
    this.#flow.answering(this.#stream);
    this.#stream.attrs(id, attributes);
  }

  async #resolve(path: string): Promise<Resolved> {
    const segments = segmentsOf(path);
    const view = await this.#views.viewOf(this.#principal);
    if (view === undefined) {
      this.#onRevoked();
      throw denied("This account has no access any more");
    }
    return resolve(view, segments);
  }

  #place(folder: RoleFolder, name: string): Place {
    return placeOf(this.#context.dataFolder, this.#principal.jail, folder, name);
  }

  async #fileAt(path: string): Promise<Place> {
    const found = await this.#resolve(path);
    if (found.kind === "folder") throw failure("This is a folder");
    if (found.kind === "nothing") throw noSuchFile();
    return this.#place(found.folder, found.name);
  }

  async #folderAt(path: string): Promise<Folder> {
    const found = await this.#resolve(path);
    if (found.kind !== "folder") throw noSuchFile();
    return found.folder;
  }

  async #open(id: number, path: string, flags: number): Promise<void> {
    this.#handles.checkRoom();
    const place = await this.#fileForOpen(path, flags);
    const isWrite = (flags & (OPEN.write | OPEN.append | OPEN.create | OPEN.truncate)) !== 0;
    if (isWrite && place.folder.role !== "uploads") throw denied("Files in this folder can be read and deleted only");
    const handle: Handle = isWrite
      ? {
          kind: "upload",
          upload: await openUpload(this.#context, this.#principal, place, {
            create: (flags & OPEN.create) !== 0,
            exclusive: (flags & OPEN.exclusive) !== 0,
            truncate: (flags & OPEN.truncate) !== 0,
            append: (flags & OPEN.append) !== 0,
          }),
        }
      : { kind: "download", download: await openDownload(this.#context, this.#principal, place) };
    this.#flow.answering(this.#stream);
    this.#stream.handle(id, this.#handles.add(handle));
  }

  /** A client that writes where nothing can be is told why; everything else there does not exist. */
  async #fileForOpen(path: string, flags: number): Promise<Place> {
    const found = await this.#resolve(path);
    if (found.kind === "file") return this.#place(found.folder, found.name);
    if (found.kind === "folder") throw failure("This is a folder");
    throw flags & OPEN.create ? denied("Files can be written in the Uploads folders only") : noSuchFile();
  }

  async #close(id: number, handleId: Buffer): Promise<void> {
    const handle = this.#handles.take(handleId);
    if (handle.kind === "upload") await handle.upload.complete();
    else if (handle.kind === "download") await handle.download.close();
    this.#ok(id);
  }

  async #read(id: number, handleId: Buffer, offset: number, length: number): Promise<void> {
    this.#onRequest();
    this.#reads += 1;
    try {
      if (this.#reads > MAX_READS) throw failure("Too many reads at once");
      const handle = this.#handles.get(handleId);
      if (!Number.isSafeInteger(offset)) throw failure("The offset is too large");
      if (handle.kind === "folder") throw failure("This is a folder");
      await this.#flow.room(this.#stream);
      const source = handle.kind === "upload" ? handle.upload : handle.download;
      const bytes = await source.read(offset, Math.min(length, MAX_READ_BYTES));
      if (bytes.length === 0 && length > 0) return this.#status(id, STATUS.eof, "End of file");
      this.#flow.answering(this.#stream);
      this.#stream.data(id, bytes);
    } catch (error) {
      await this.#refuse({ request: "READ", id }, error);
    } finally {
      this.#reads -= 1;
    }
  }

  async #write(id: number, handleId: Buffer, offset: number, data: Buffer): Promise<void> {
    this.#onRequest();
    try {
      const handle = this.#handles.get(handleId);
      if (handle.kind !== "upload") throw denied("This is not open for writing");
      if (!Number.isSafeInteger(offset + data.length)) throw failure("The offset is too large");
      await this.#flow.takeIn(data.length, handle.upload.write(offset, data));
      this.#ok(id);
    } catch (error) {
      const { status, message, expected } = answerTo(error);
      this.#status(id, status, message);
      // One line of the audit says it at CLOSE; here there may be hundreds of the same.
      if (!expected) this.#context.logger.warn({ err: error, session: this.#principal.session }, "a write failed");
    }
  }

  async #statHandle(id: number, handleId: Buffer): Promise<void> {
    const handle = this.#handles.get(handleId);
    if (handle.kind === "folder") return this.#folderAttributes(id, handle.folder);
    const source = handle.kind === "upload" ? handle.upload : handle.download;
    this.#attributes(id, fileAttributes(source.place.folder, await source.attributes()));
  }

  async #setHandle(id: number, handleId: Buffer, attributes: SetAttributes): Promise<void> {
    const handle = this.#handles.get(handleId);
    if (handle.kind !== "upload") throw denied("This is not open for writing");
    const { size, atime, mtime } = attributes as Partial<SetAttributes>;
    if (size !== undefined) await handle.upload.truncate(size);
    if (mtime !== undefined) await handle.upload.setTimes(atime ?? mtime, mtime);
    // Owners and modes are the server's; clients set them after an upload as a matter of course.
    this.#ok(id);
  }

  async #openFolder(id: number, path: string): Promise<void> {
    this.#handles.checkRoom();
    const folder = await this.#folderAt(path);
    const rest = await list(this.#context, this.#principal, folder);
    this.#flow.answering(this.#stream);
    this.#stream.handle(id, this.#handles.add({ kind: "folder", folder, rest }));
  }

  async #readFolder(id: number, handleId: Buffer): Promise<void> {
    const handle = this.#handles.get(handleId);
    if (handle.kind !== "folder") throw failure("This is not a folder");
    const names = handle.rest.splice(0, NAMES_PER_ANSWER);
    if (names.length === 0) return this.#status(id, STATUS.eof, "End of folder");
    this.#flow.answering(this.#stream);
    this.#stream.name(id, names as never);
  }

  async #stat(id: number, path: string): Promise<void> {
    const found = await this.#resolve(path);
    if (found.kind === "nothing") throw noSuchFile();
    if (found.kind === "folder") return this.#folderAttributes(id, found.folder);
    const place = this.#place(found.folder, found.name);
    if (place.folder.role === "uploads") {
      const entry = await look(this.#context, this.#principal, place);
      if (!entry) throw noSuchFile();
      return this.#attributes(id, fileAttributes(place.folder, entry));
    }
    const stats = isDelivered(place.name) ? await regularFile(place.file) : undefined;
    if (!stats) throw noSuchFile();
    this.#attributes(id, fileAttributes(place.folder, { sizeBytes: stats.size, modifiedMs: stats.mtimeMs }));
  }

  async #folderAttributes(id: number, folder: Folder): Promise<void> {
    this.#attributes(id, folderAttributes(folder, await folderModifiedMs(this.#context, this.#principal, folder)));
  }

  /** Clients set times and modes after `put`, and times of folders: what has no meaning here is granted without effect. */
  async #setStat(id: number, path: string, attributes: SetAttributes): Promise<void> {
    const found = await this.#resolve(path);
    if (found.kind === "nothing") throw noSuchFile();
    if (found.kind === "folder") return this.#ok(id);
    const place = this.#place(found.folder, found.name);
    if (place.folder.role !== "uploads") throw denied("Files in this folder can be read and deleted only");
    const entry = await look(this.#context, this.#principal, place);
    if (!entry) throw noSuchFile();
    const { size, atime, mtime } = attributes as Partial<SetAttributes>;
    if (size !== undefined && size !== entry.sizeBytes) await this.#cut(place, size);
    else if (mtime !== undefined && (entry.state === "part" || entry.state === "arrived")) {
      // The watcher may take the file at this very moment; then its time does not matter any more.
      await utimes(place.file, atime ?? mtime, mtime).catch(() => {});
    }
    this.#ok(id);
  }

  /** Changes a file's size by its name (sshfs): it is a part again until it is opened, written and closed. */
  async #cut(place: Place, sizeBytes: number): Promise<void> {
    const mode = { create: false, exclusive: false, truncate: false, append: false };
    const upload = await openUpload(this.#context, this.#principal, place, mode);
    try {
      await upload.truncate(sizeBytes);
    } finally {
      await upload.abandon("its size was changed");
    }
  }

  async #realPath(id: number, path: string): Promise<void> {
    const canonical = pathOf(segmentsOf(path));
    this.#flow.answering(this.#stream);
    this.#stream.name(id, [{ filename: canonical, longname: canonical, attrs: {} }] as never);
  }

  async #remove(id: number, path: string): Promise<void> {
    const place = await this.#fileAt(path);
    if (place.folder.role === "uploads") await removeUpload(this.#context, this.#principal, place);
    else await removeDownload(this.#context, this.#principal, place);
    this.#ok(id);
  }

  async #rename(id: number, fromPath: string, toPath: string, replace: boolean): Promise<void> {
    const from = await this.#fileAt(fromPath);
    const to = await this.#fileForOpen(toPath, OPEN.create);
    if (from.folder.role !== "uploads" || to.folder.role !== "uploads") {
      throw denied("Files can be renamed within the Uploads folders only");
    }
    await renameUpload(this.#context, this.#principal, { from, to, replace });
    this.#ok(id);
  }

  async #refuseFolder(path: string): Promise<void> {
    const found = await this.#resolve(path);
    if (found.kind === "folder") throw failure("This folder exists already and belongs to its project");
    throw denied("Folders are made by the projects' profiles only");
  }

  async #extended(id: number, name: string, data: Buffer | undefined): Promise<void> {
    // ssh2 announces no extensions, yet some clients (paramiko) ask all the same.
    const paths = name === "posix-rename@openssh.com" && data ? twoStrings(data) : undefined;
    if (!paths) throw new Refusal(STATUS.opUnsupported, "Operation unsupported");
    await this.#rename(id, paths[0], paths[1], true);
  }

  async #abandonAll(reason: string): Promise<void> {
    for (const handle of this.#handles.takeAll()) {
      try {
        if (handle.kind === "upload") await handle.upload.abandon(reason);
        else if (handle.kind === "download") await handle.download.close();
      } catch (err) {
        this.#context.logger.warn({ err, session: this.#principal.session }, "a handle did not close cleanly");
      }
    }
  }
}

/** Memory of a text: at most two bytes for each of its characters. Other things that come with a request are small. */
const sizeOf = (value: unknown): number => (typeof value === "string" ? 2 * value.length : 0);

const noLinks = () => new Refusal(STATUS.opUnsupported, "There are no links here");

/** Two strings of SSH's wire format (RFC 4251, section 5), and nothing after them. */
function twoStrings(data: Buffer): [string, string] | undefined {
  const strings: string[] = [];
  let position = 0;
  while (position < data.length) {
    if (position + 4 > data.length) return undefined;
    const end = position + 4 + data.readUInt32BE(position);
    if (end > data.length) return undefined;
    strings.push(data.toString("utf8", position + 4, end));
    position = end;
  }
  return strings.length === 2 ? [strings[0]!, strings[1]!] : undefined;
}
