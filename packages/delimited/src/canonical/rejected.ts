import { InvariantBroken } from "@inlet/contracts";

/**
 * The rejected file: the record numbers that were rejected, rising, each as its distance from the one before (the first
 * from 0), as an unsigned LEB128 number: seven bits per byte, lowest first, the high bit set on all but the last.
 * A run of rejected records costs one byte each, so 10 million of them are 10 MB.
 */
export class RejectedEncoder {
  #last = 0;
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  /** Adds a record number, which must be greater than the one before. */
  add(record: number): void {
    let distance = record - this.#last;
    this.#last = record;
    if (this.#length + 8 > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#bytes.length)]);
    }
    while (distance >= 0x80) {
      this.#bytes[this.#length++] = (distance % 0x80) | 0x80;
      distance = Math.floor(distance / 0x80);
    }
    this.#bytes[this.#length++] = distance;
  }

  /** The bytes that have come together since the last call; the caller owns them. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }
}

/** Yields the record numbers of a rejected file, rising; the file's bytes may come in chunks of any size. */
export async function* decodeRejected(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<number, void> {
  let record = 0;
  let distance = 0;
  let factor = 1;
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      distance += (byte & 0x7f) * factor;
      if (byte >= 0x80) {
        factor *= 0x80;
        continue;
      }
      record += distance;
      yield record;
      distance = 0;
      factor = 1;
    }
  }
  if (factor !== 1) {
    throw new InvariantBroken({ code: "rejected_damaged", message: "The list of rejected records is cut off." });
  }
}
