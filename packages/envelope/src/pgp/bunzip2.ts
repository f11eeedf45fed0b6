import bitIterator, { type BitIterator } from "@openpgp/unbzip2-stream/lib/bit_iterator.js";
import bzip2 from "@openpgp/unbzip2-stream/lib/bzip2.js";
import { damaged } from "./refusals.ts";

/** What a block of 900,000 bytes can become at most: runs of four bytes and a count of 255 (1 to 51.8), rounded up. */
const MOST_BLOCK_BYTES = 48 * 1024 * 1024;
/** A packed block is hardly ever larger than the block itself. */
const blockInputBytes = (blockSize: number) => 25_000 + 100_000 * (blockSize === 0 ? 9 : blockSize);

/**
 * Unpacks bzip2, a block at a time: one stream, and nothing after it. A stream may be empty, and a file of such streams
 * would keep the decoder busy for hours and give out nothing that a limit could count. The decoder is the one that OpenPGP.js has within; its stream around it gathers a
 * block in an array of numbers, eight times the memory.
 */
export async function* bunzip2(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const chunks: Uint8Array[] = [];
  const source = body[Symbol.asyncIterator]();
  let hasEnded = false;
  let gotBytes = 0;
  let blockSize = 0;
  let crc: number | null = 0;
  let bits: BitIterator | undefined;
  // The decoder's own room, which it fills anew with each block.
  let room = new Int32Array();
  const nextChunk = () => {
    const chunk = chunks.shift();
    if (chunk === undefined) throw damaged("what is compressed in it ends too early");
    return chunk;
  };
  const ahead = () => gotBytes - (bits?.bytesRead ?? 0);
  for (;;) {
    while (!hasEnded && ahead() < blockInputBytes(blockSize)) {
      const { value, done } = await source.next();
      if (done) hasEnded = true;
      else if (value.length > 0) {
        chunks.push(value);
        gotBytes += value.length;
      }
    }
    if (ahead() <= 0) break;
    if (crc === null) throw damaged("something follows what is compressed in it");
    // It takes the first chunk at once.
    bits ??= bitIterator(nextChunk);
    if (blockSize === 0) {
      blockSize = bzip2.header(bits);
      room = new Int32Array(100_000 * blockSize);
      continue;
    }
    const block = new Block();
    crc = bzip2.decompress(bits, (byte) => block.push(byte), room, room.length, crc);
    // Null: no block but the end of the stream.
    if (crc !== null) yield block.bytes();
  }
  if (crc !== null) throw damaged("what is compressed in it ends too early");
}

/** The bytes of one block, which come one by one. */
class Block {
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;

  push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    if (this.#length >= MOST_BLOCK_BYTES) throw damaged("a compressed block in it is larger than it can be");
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
