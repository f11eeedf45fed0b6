import type { RandomAccess } from "../random-access.ts";

/** Bytes in memory, as a file; `reads` are the lengths that were asked for. */
export function fileOf(bytes: Uint8Array): RandomAccess & { reads: number[] } {
  const reads: number[] = [];
  return {
    sizeBytes: bytes.length,
    reads,
    async read(offset, length) {
      reads.push(length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Everything of a stream. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A stream of one chunk. */
export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
