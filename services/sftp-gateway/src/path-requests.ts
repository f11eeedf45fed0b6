import { utimes } from "node:fs/promises";
import type { Attributes as SetAttributes } from "ssh2";
import { isDelivered, removeDownload } from "./download.ts";
import type { RequestParts } from "./handle-requests.ts";
import { look, regularFile, removeUpload } from "./inbox.ts";
import { fileAttributes, folderAttributes, folderModifiedMs } from "./listing.ts";
import { pathOf, segmentsOf } from "./paths.ts";
import type { Place } from "./places.ts";
import { renameUpload } from "./renaming.ts";
import { denied, failure, noSuchFile, Refusal, STATUS } from "./status.ts";
import { openUpload } from "./upload.ts";

/** The requests on what lies under a path, without opening it. Each answers, or throws what is answered. */
export class PathRequests {
  readonly #parts: Omit<RequestParts, "handles">;

  constructor(parts: Omit<RequestParts, "handles">) {
    this.#parts = parts;
  }

  async stat(id: number, path: string): Promise<void> {
    const { context, principal, tree, answers } = this.#parts;
    const found = await tree.resolve(path);
    if (found.kind === "nothing") throw noSuchFile();
    if (found.kind === "folder") {
      const modifiedMs = await folderModifiedMs(context, principal, found.folder);
      return answers.attributes(id, folderAttributes(found.folder, modifiedMs));
    }
    const place = tree.placeIn(found.folder, found.name);
    if (place.folder.role === "uploads") {
      const entry = await look(context, principal, place);
      if (!entry) throw noSuchFile();
      return answers.attributes(id, fileAttributes(place.folder, entry));
    }
    const stats = isDelivered(place.name) ? await regularFile(place.file) : undefined;
    if (!stats) throw noSuchFile();
    answers.attributes(id, fileAttributes(place.folder, { sizeBytes: stats.size, modifiedMs: stats.mtimeMs }));
  }

  /** Clients set times and modes after `put`, and times of folders: what has no meaning here is granted without effect. */
  async setStat(id: number, path: string, attributes: SetAttributes): Promise<void> {
    const { context, principal, tree, answers } = this.#parts;
    const found = await tree.resolve(path);
    if (found.kind === "nothing") throw noSuchFile();
    if (found.kind === "folder") return answers.ok(id);
    const place = tree.placeIn(found.folder, found.name);
    if (place.folder.role !== "uploads") throw denied("Files in this folder can be read and deleted only");
    const entry = await look(context, principal, place);
    if (!entry) throw noSuchFile();
    const { size, atime, mtime } = attributes as Partial<SetAttributes>;
    if (size !== undefined && size !== entry.sizeBytes) await this.#cut(place, size);
    else if (mtime !== undefined && (entry.state === "part" || entry.state === "arrived")) {
      // The watcher may take the file at this very moment; then its time does not matter any more.
      await utimes(place.file, atime ?? mtime, mtime).catch(() => {});
    }
    answers.ok(id);
  }

  /** Changes a file's size by its name (sshfs): it is a part again until it is opened, written and closed. */
  async #cut(place: Place, sizeBytes: number): Promise<void> {
    const mode = { create: false, exclusive: false, truncate: false, append: false };
    const upload = await openUpload(this.#parts.context, this.#parts.principal, place, mode);
    try {
      await upload.truncate(sizeBytes);
    } finally {
      await upload.abandon("its size was changed");
    }
  }

  async realPath(id: number, path: string): Promise<void> {
    const canonical = pathOf(segmentsOf(path));
    this.#parts.answers.names(id, [{ filename: canonical, longname: canonical, attrs: {} }]);
  }

  async remove(id: number, path: string): Promise<void> {
    const { context, principal, tree, answers } = this.#parts;
    const place = await tree.fileAt(path);
    if (place.folder.role === "uploads") await removeUpload(context, principal, place);
    else await removeDownload(context, principal, place);
    answers.ok(id);
  }

  async rename(id: number, fromPath: string, toPath: string, { replace }: { replace: boolean }): Promise<void> {
    const { context, principal, tree, answers } = this.#parts;
    const from = await tree.fileAt(fromPath);
    const to = await tree.fileToOpen(toPath, { create: true });
    if (from.folder.role !== "uploads" || to.folder.role !== "uploads") {
      throw denied("Files can be renamed within the Uploads folders only");
    }
    await renameUpload(context, principal, { from, to, replace });
    answers.ok(id);
  }

  async refuseFolder(path: string): Promise<void> {
    const found = await this.#parts.tree.resolve(path);
    if (found.kind === "folder") throw failure("This folder exists already and belongs to its project");
    throw denied("Folders are made by the projects' profiles only");
  }

  async refuseLink(): Promise<void> {
    throw new Refusal(STATUS.opUnsupported, "There are no links here");
  }

  async extended(id: number, name: string, data: Buffer | undefined): Promise<void> {
    // ssh2 announces no extensions, yet some clients (paramiko) ask all the same.
    const paths = name === "posix-rename@openssh.com" && data ? twoStrings(data) : undefined;
    if (!paths) throw new Refusal(STATUS.opUnsupported, "Operation unsupported");
    await this.rename(id, paths[0], paths[1], { replace: true });
  }
}

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
