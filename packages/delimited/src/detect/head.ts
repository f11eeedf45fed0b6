import type { ByteSource } from "../scan/source.ts";

/** How many bytes of a file's beginning are looked at; more when they hold too few records. */
export const HEAD_BYTES = 256 * 1024;

/** A file's first bytes. */
export interface FirstBytes {
  /** One byte more than `length`, for the scanner's sentinel. */
  bytes: Buffer;
  length: number;
  /** That is all of the file. */
  final: boolean;
}

/** Reads a file's beginning. */
export async function readHead(source: ByteSource, sizeBytes: number = HEAD_BYTES): Promise<FirstBytes> {
  let bytes = Buffer.allocUnsafe(Math.min(sizeBytes, HEAD_BYTES) + 1);
  let length = 0;
  for await (const chunk of source.open()) {
    const part = Math.min(chunk.length, sizeBytes - length);
    if (length + part + 1 > bytes.length) {
      const larger = Buffer.allocUnsafe(sizeBytes + 1);
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    bytes.set(chunk.subarray(0, part), length);
    length += part;
    if (part < chunk.length || length === sizeBytes) return { bytes, length, final: false };
  }
  return { bytes, length, final: true };
}

/** Whether the bytes begin with UTF-8's byte-order mark. */
export function hasBom(bytes: Buffer, length: number): boolean {
  return length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Whether they begin with a byte-order mark of UTF-16. */
export function isUtf16(bytes: Buffer, length: number): boolean {
  return length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
}
