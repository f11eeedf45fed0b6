import { isAscii, isUtf8 } from "node:buffer";
import type { Encoding } from "../scan/dialect.ts";
import { invalidUtf8At, sequenceLength, validSequence } from "../scan/encoding.ts";
import { BEYOND_ASCII, findMarks, foundMarks, STRETCH_BYTES } from "../scan/mark-index.ts";
import type { ByteSource } from "../scan/source.ts";

/** The whole file's verdict on its encoding. */
export interface EncodingVerdict {
  encoding: Encoding;
  /** Offset of the first byte that is not valid UTF-8, or null. */
  firstInvalidUtf8: number | null;
}

/**
 * Judges the encoding of everything from `offset` to the file's end; never a sample of it. Valid UTF-8 is UTF-8. Otherwise
 * it is Windows-1252, unless most of its non-ASCII characters are valid UTF-8: then it is UTF-8 with damaged places, and
 * reading it as Windows-1252 would spoil every good one.
 * @param offset where the first non-ASCII byte lies, or before it.
 */
export async function judgeEncoding(
  source: ByteSource,
  offset: number,
  signal?: AbortSignal,
): Promise<EncodingVerdict> {
  const firstInvalid = await findInvalidUtf8(source, offset, signal);
  if (firstInvalid === null) return { encoding: "utf-8", firstInvalidUtf8: null };
  const { sequences, invalid } = await countSequences(source, offset, signal);
  return { encoding: sequences > invalid ? "utf-8" : "windows-1252", firstInvalidUtf8: firstInvalid };
}

async function findInvalidUtf8(source: ByteSource, offset: number, signal?: AbortSignal): Promise<number | null> {
  let position = offset;
  /** The start of a character whose rest is in the next chunk: up to 3 bytes. */
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of source.open(offset)) {
    signal?.throwIfAborted();
    // A short head is joined to the carry, so that the bulk is looked at where it lies.
    const joined = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const whole = joined.length - unfinishedBytes(joined);
    if (!isUtf8(joined.subarray(0, whole))) return position + invalidUtf8At(joined.subarray(0, whole));
    carry = Buffer.from(joined.subarray(whole));
    position += whole;
  }
  return carry.length === 0 ? null : position;
}

/** How many bytes at the end are the beginning of a character that is not complete yet: 0 to 3. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

async function countSequences(source: ByteSource, offset: number, signal?: AbortSignal) {
  let sequences = 0;
  let invalid = 0;
  let carry: Buffer = Buffer.alloc(0);
  const count = (bytes: Uint8Array) => {
    let next = 0;
    for (let from = 0; from < bytes.length; from += STRETCH_BYTES) {
      const found = findMarks(BEYOND_ASCII, bytes, from, Math.min(from + STRETCH_BYTES, bytes.length));
      for (let m = 0; m < found; m += 1) {
        const at = foundMarks[m]!;
        // The rest of a character that has been counted.
        if (at < next) continue;
        const length = validSequence(bytes, at);
        if (length === 0) invalid += 1;
        else sequences += 1;
        next = at + (length || 1);
      }
    }
  };
  for await (const chunk of source.open(offset)) {
    signal?.throwIfAborted();
    if (carry.length === 0 && isAscii(chunk)) continue;
    const joined = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const whole = joined.length - unfinishedBytes(joined);
    count(joined.subarray(0, whole));
    carry = Buffer.from(joined.subarray(whole));
  }
  count(carry);
  return { sequences, invalid };
}
