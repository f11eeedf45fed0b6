import type { Download } from "./download.ts";
import type { Listed } from "./listing.ts";
import { failure } from "./status.ts";
import type { Upload } from "./upload.ts";
import type { Folder } from "./view.ts";

/** What a client has open. */
export type Handle =
  | { kind: "upload"; upload: Upload }
  | { kind: "download"; download: Download }
  | { kind: "folder"; folder: Folder; rest: Listed[] };

/** The open handles of one SFTP stream. Numbers are not used again, so that a late request finds nothing. */
export class Handles {
  readonly #limit: number;
  readonly #open = new Map<number, Handle>();
  #last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws Refusal when too many are open; ask before opening anything */
  checkRoom(): void {
    if (this.#open.size >= this.#limit) throw failure(`At most ${this.#limit} files and folders can be open at once`);
  }

  add(handle: Handle): Buffer {
    const id = Buffer.alloc(4);
    this.#last += 1;
    id.writeUInt32BE(this.#last);
    this.#open.set(this.#last, handle);
    return id;
  }

  /** @throws Refusal when there is no such handle */
  get(id: Buffer): Handle {
    const handle = id.length === 4 ? this.#open.get(id.readUInt32BE()) : undefined;
    if (handle === undefined) throw failure("This handle is not open");
    return handle;
  }

  /** Removes a handle: nobody finds it any more. @throws Refusal when there is no such handle */
  take(id: Buffer): Handle {
    const handle = this.get(id);
    this.#open.delete(id.readUInt32BE());
    return handle;
  }

  /** Removes all of them. */
  takeAll(): Handle[] {
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }
}
