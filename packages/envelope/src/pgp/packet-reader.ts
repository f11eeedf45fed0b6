import type { ByteReader } from "./byte-reader.ts";
import { damaged } from "./refusals.ts";

/** One OpenPGP packet. Its body is read before the next packet is asked for. */
export interface Packet {
  tag: number;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Reads the header of the next packet, old or new format (RFC 9580, section 4.2). The body streams, also when it comes in
 * parts, because nothing about a packet's length is to be believed. Undefined at the end.
 * @throws InvalidInput when this is no packet, or one that is cut off
 */
export async function nextPacket(reader: ByteReader): Promise<Packet | undefined> {
  if (await reader.isAtEnd()) return undefined;
  const first = await reader.byte();
  if ((first & 0x80) === 0) throw damaged("something in it is no OpenPGP packet");
  if ((first & 0x40) !== 0) return { tag: first & 0x3f, body: newFormatBody(reader, first & 0x3f) };
  return { tag: (first >> 2) & 0x0f, body: oldFormatBody(reader, first & 3) };
}

async function* oldFormatBody(reader: ByteReader, lengthType: number): AsyncGenerator<Uint8Array, void> {
  // 3: to the end of what there is. gpg writes compressed packets so.
  if (lengthType === 3) {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk;
    return;
  }
  const lengthBytes = 1 << lengthType;
  yield* part(reader, (await reader.bytes(lengthBytes)).readUIntBE(0, lengthBytes));
}

/** Parts that are handed on together, at most: each is an object, which is larger than a small part. */
const MOST_GATHERED = 1024;
/** Old programs in Go write a part for each bit of a line's length, which makes small ones, but not on the average. */
const MOST_SMALL_PARTS = 4096;
const FEWEST_PART_BYTES = 16;

async function* newFormatBody(reader: ByteReader, tag: number): AsyncGenerator<Uint8Array, void> {
  // gpg writes parts of 8 KB. They are handed on together, as many as came in one piece.
  let gathered: Uint8Array[] = [];
  let parts = 0;
  let bytes = 0;
  for (let hasMore = true; hasMore; ) {
    const length = await newFormatLength(reader);
    hasMore = length.isPart;
    parts += 1;
    bytes += length.bytes;
    // RFC 9580, section 4.2.1.4.
    if (hasMore && !COMES_IN_PARTS.has(tag)) throw damaged(`a packet in it must not come in parts (kind ${tag})`);
    if (parts > MOST_SMALL_PARTS && bytes < parts * FEWEST_PART_BYTES)
      throw damaged("it comes in parts that are too small");
    for await (const chunk of part(reader, length.bytes)) {
      gathered.push(chunk);
      if (reader.hasSome && gathered.length < MOST_GATHERED) continue;
      yield together(gathered);
      gathered = [];
    }
  }
  if (gathered.length > 0) yield together(gathered);
}

/** A part has another one after it. */
async function newFormatLength(reader: ByteReader): Promise<{ bytes: number; isPart: boolean }> {
  const first = await reader.byte();
  if (first < 192) return { bytes: first, isPart: false };
  if (first < 224) return { bytes: ((first - 192) << 8) + (await reader.byte()) + 192, isPart: false };
  if (first === 255) return { bytes: (await reader.bytes(4)).readUInt32BE(0), isPart: false };
  return { bytes: 2 ** (first & 0x1f), isPart: true };
}

const together = (chunks: readonly Uint8Array[]): Uint8Array =>
  chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);

async function* part(reader: ByteReader, length: number): AsyncGenerator<Uint8Array, void> {
  let missing = length;
  while (missing > 0) {
    const chunk = await reader.next(missing);
    if (chunk === undefined) throw damaged("it ends too early");
    missing -= chunk.length;
    yield chunk;
  }
}

/** A small packet's body as a whole. @throws InvalidInput when it is larger than such a packet can be */
export async function wholeBody(packet: Packet, mostBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of packet.body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw damaged(`a packet in it is larger than such a packet can be (kind ${packet.tag})`);
    parts.push(chunk);
  }
  return Buffer.concat(parts, bytes);
}

/** A packet as it may stand in a file, for OpenPGP.js to read. */
export function packetBytes(tag: number, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(6);
  header[0] = 0xc0 | tag;
  header[1] = 0xff;
  header.writeUInt32BE(body.length, 2);
  return new Uint8Array(Buffer.concat([header, body]));
}

/** RFC 9580, section 5: those that are met here. */
export const TAG = {
  publicKeySession: 1,
  signature: 2,
  passwordSession: 3,
  onePassSignature: 4,
  compressed: 8,
  encryptedBare: 9,
  marker: 10,
  literal: 11,
  encrypted: 18,
  encryptedAead: 20,
  padding: 21,
} as const;

/** Packets of data, which may come in parts. */
const COMES_IN_PARTS: ReadonlySet<number> = new Set([
  TAG.compressed,
  TAG.encryptedBare,
  TAG.literal,
  TAG.encrypted,
  TAG.encryptedAead,
]);
