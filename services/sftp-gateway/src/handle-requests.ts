import type { Attributes as SetAttributes } from "ssh2";
import type { AccountTree } from "./account-tree.ts";
import type { Answers } from "./answers.ts";
import type { Context, Principal } from "./context.ts";
import { openDownload } from "./download.ts";
import type { Handle, Handles } from "./handles.ts";
import { fileAttributes, folderAttributes, folderModifiedMs, list } from "./listing.ts";
import { denied, failure, STATUS } from "./status.ts";
import { openUpload } from "./upload.ts";

/** Flags of OPEN (draft-ietf-secsh-filexfer-02, section 6.3). */
const OPEN = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;
/** What one READ answers at most: with its header it stays under the 256 KB packets that OpenSSH takes. */
const MAX_READ_BYTES = 255 * 1024;
/** READs that a client may have under way; OpenSSH uses 64, rclone 64, sshfs a few. */
const MAX_READS = 4096;
const NAMES_PER_ANSWER = 100;

/** What the requests of one stream work with. */
export interface RequestParts {
  context: Context;
  principal: Principal;
  tree: AccountTree;
  answers: Answers;
  handles: Handles;
}

/** The requests that open files and folders, and those on what is open. Each answers, or throws what is answered. */
export class HandleRequests {
  readonly #parts: RequestParts;
  #reads = 0;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  async open(id: number, path: string, flags: number): Promise<void> {
    const { context, principal, tree, answers, handles } = this.#parts;
    handles.checkRoom();
    const place = await tree.fileToOpen(path, { create: (flags & OPEN.create) !== 0 });
    const isWrite = (flags & (OPEN.write | OPEN.append | OPEN.create | OPEN.truncate)) !== 0;
    if (isWrite && place.folder.role !== "uploads") throw denied("Files in this folder can be read and deleted only");
    const handle: Handle = isWrite
      ? {
          kind: "upload",
          upload: await openUpload(context, principal, place, {
            create: (flags & OPEN.create) !== 0,
            exclusive: (flags & OPEN.exclusive) !== 0,
            truncate: (flags & OPEN.truncate) !== 0,
            append: (flags & OPEN.append) !== 0,
          }),
        }
      : { kind: "download", download: await openDownload(context, principal, place) };
    answers.handle(id, handles.add(handle));
  }

  async openFolder(id: number, path: string): Promise<void> {
    const { context, principal, tree, answers, handles } = this.#parts;
    handles.checkRoom();
    const folder = await tree.folderAt(path);
    const rest = await list(context, principal, folder);
    answers.handle(id, handles.add({ kind: "folder", folder, rest }));
  }

  async readFolder(id: number, handleId: Buffer): Promise<void> {
    const { answers, handles } = this.#parts;
    const handle = handles.get(handleId);
    if (handle.kind !== "folder") throw failure("This is not a folder");
    const names = handle.rest.splice(0, NAMES_PER_ANSWER);
    if (names.length === 0) return answers.status(id, STATUS.eof, "End of folder");
    answers.names(id, names);
  }

  async close(id: number, handleId: Buffer): Promise<void> {
    const handle = this.#parts.handles.take(handleId);
    if (handle.kind === "upload") await handle.upload.complete();
    else if (handle.kind === "download") await handle.download.close();
    this.#parts.answers.ok(id);
  }

  async read(id: number, handleId: Buffer, offset: number, length: number): Promise<void> {
    const { answers, handles } = this.#parts;
    this.#reads += 1;
    try {
      if (this.#reads > MAX_READS) throw failure("Too many reads at once");
      const handle = handles.get(handleId);
      if (!Number.isSafeInteger(offset)) throw failure("The offset is too large");
      if (handle.kind === "folder") throw failure("This is a folder");
      await answers.room();
      const source = handle.kind === "upload" ? handle.upload : handle.download;
      const bytes = await source.read(offset, Math.min(length, MAX_READ_BYTES));
      if (bytes.length === 0 && length > 0) return answers.status(id, STATUS.eof, "End of file");
      answers.data(id, bytes);
    } finally {
      this.#reads -= 1;
    }
  }

  async write(id: number, handleId: Buffer, offset: number, data: Buffer): Promise<void> {
    const { answers, handles } = this.#parts;
    const handle = handles.get(handleId);
    if (handle.kind !== "upload") throw denied("This is not open for writing");
    if (!Number.isSafeInteger(offset + data.length)) throw failure("The offset is too large");
    await answers.takeIn(data.length, handle.upload.write(offset, data));
    answers.ok(id);
  }

  async stat(id: number, handleId: Buffer): Promise<void> {
    const { context, principal, answers, handles } = this.#parts;
    const handle = handles.get(handleId);
    if (handle.kind === "folder") {
      const modifiedMs = await folderModifiedMs(context, principal, handle.folder);
      return answers.attributes(id, folderAttributes(handle.folder, modifiedMs));
    }
    const source = handle.kind === "upload" ? handle.upload : handle.download;
    answers.attributes(id, fileAttributes(source.place.folder, await source.attributes()));
  }

  async setStat(id: number, handleId: Buffer, attributes: SetAttributes): Promise<void> {
    const { answers, handles } = this.#parts;
    const handle = handles.get(handleId);
    if (handle.kind !== "upload") throw denied("This is not open for writing");
    const { size, atime, mtime } = attributes as Partial<SetAttributes>;
    if (size !== undefined) await handle.upload.truncate(size);
    if (mtime !== undefined) await handle.upload.setTimes(atime ?? mtime, mtime);
    // Owners and modes are the server's; clients set them after an upload as a matter of course.
    answers.ok(id);
  }

  /** The stream has ended: what is open is abandoned. */
  async abandonAll(reason: string): Promise<void> {
    const { context, principal, handles } = this.#parts;
    for (const handle of handles.takeAll()) {
      try {
        if (handle.kind === "upload") await handle.upload.abandon(reason);
        else if (handle.kind === "download") await handle.download.close();
      } catch (err) {
        context.logger.warn({ err, session: principal.session }, "a handle did not close cleanly");
      }
    }
  }
}
