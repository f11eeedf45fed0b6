import { truncated } from "./refusals.ts";

/** Reads a stream of chunks by bytes. Whoever reads a part of it and stops leaves the rest to the next. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #hasEnded = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Whether there is something to read without waiting for it. */
  get hasSome(): boolean {
    return this.#chunk.length > 0;
  }

  /** Whatever comes next, at most so many bytes; undefined at the end. */
  async next(mostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    const taken = this.#chunk.subarray(0, mostBytes);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** The next byte. @throws InvalidInput at the end */
  async byte(): Promise<number> {
    if (!(await this.#fill())) throw truncated();
    const byte = this.#chunk[0]!;
    this.#chunk = this.#chunk.subarray(1);
    return byte;
  }

  /** So many bytes, and no fewer. @throws InvalidInput when it ends before */
  async bytes(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.next(missing);
      if (part === undefined) throw truncated();
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts, length);
  }

  async isAtEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** Everything that is left, thrown away. */
  async drain(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  /** Lets go of what it reads from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      if (this.#hasEnded) return false;
      const { value, done } = await this.#chunks.next();
      if (done) this.#hasEnded = true;
      else this.#chunk = value;
    }
    return true;
  }
}

/** A stream's rest. Its consumer may stop, and the reader stays open. */
export async function* restOf(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk;
}
