import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** A body is longer than it may be. */
export class TooLarge extends Error {}

/** By the names of `content-encoding` (RFC 9110, 8.4.1). */
const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/** More than one is odd, more than a few is an attack. */
const MOST_ENCODINGS = 3;

/**
 * Reads a body to its end and unpacks it, never holding more than `maxBytes` and a few blocks.
 * @throws TooLarge
 * @throws what streams and zlib throw when it is cut off or damaged
 */
export async function unpackedBody(body: Readable, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const unpackers = unpackersOf(encoding, body);
  // A fault of any of them ends the last one with it, which is read from.
  const source: AsyncIterable<Buffer> =
    unpackers.length === 0 ? body : (pipeline([body, ...unpackers], () => {}) as Transform);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes);
}

/** What was put on last comes off first. */
function unpackersOf(encoding: string | undefined, body: Readable): Transform[] {
  const names = (encoding ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  const unknown = names.find((name) => !UNPACKERS.has(name));
  if (unknown !== undefined || names.length > MOST_ENCODINGS) {
    body.on("error", () => {}).destroy();
    throw new Error(
      `packed as ${names
        .slice(0, MOST_ENCODINGS + 1)
        .join(", ")
        .slice(0, 50)}, which was not asked for`,
    );
  }
  return names.reverse().map((name) => UNPACKERS.get(name)!());
}
