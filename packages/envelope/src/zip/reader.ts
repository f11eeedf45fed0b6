import { Reader } from "@zip.js/zip.js";
import type { RandomAccess } from "../random-access.ts";
import { refusal } from "../refusal.ts";

/** The largest piece that an honest ZIP makes the reader ask for at once: a central directory of 1,000 entries. */
const MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

/** Lets the ZIP library read our file, and remembers when that failed, which is no fault of the ZIP. */
export class FileReader extends Reader<RandomAccess> {
  readonly #file: RandomAccess;
  failure: unknown;

  constructor(file: RandomAccess) {
    super(file);
    this.#file = file;
    this.size = file.sizeBytes;
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = this.#file.sizeBytes;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    if (length > MOST_BYTES_AT_ONCE) {
      throw refusal("zip_many_entries", "The ZIP's list of contents is too long; send fewer files in it.");
    }
    try {
      return await this.#file.read(index, length);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
