import { createDecipheriv, createHash, hkdfSync, timingSafeEqual } from "node:crypto";
import { ByteReader } from "./byte-reader.ts";
import { damaged, tampered, unsupported } from "./refusals.ts";

/** A session key, and what is encrypted with it. Only AES: what other ciphers OpenPGP knows is old and unusual. */
export interface SessionKey {
  data: Uint8Array;
  /** RFC 9580, section 9.3; null where the encrypted packet tells it. */
  cipher: number | null;
}

const AES_BITS: Readonly<Record<number, number>> = { 7: 128, 8: 192, 9: 256 };
const AES_BLOCK_BYTES = 16;

function aes({ data }: SessionKey, cipher: number | null, mode: string): string {
  const bits = AES_BITS[cipher ?? -1];
  if (bits === undefined) throw unsupported(`a cipher other than AES (number ${cipher})`);
  if (data.length * 8 !== bits) throw damaged("its session key has the wrong length");
  return `aes-${bits}-${mode}`;
}

/** A hash's header and length (RFC 9580, section 5.13.1), and SHA-1's 20 bytes. */
const MDC_BYTES = 22;
const MDC_HEADER = Buffer.from([0xd3, 0x14]);

/**
 * Decrypts a body of version 1: AES in CFB mode with a modification code at its end, which is what gpg 2.2 writes. What
 * comes out is proved only when it has come to its end.
 * @throws InvalidInput at the end when the code does not hold
 */
export async function* decryptWithCode(
  body: AsyncIterable<Uint8Array>,
  key: SessionKey,
): AsyncGenerator<Uint8Array, void> {
  const decipher = createDecipheriv(aes(key, key.cipher, "cfb"), key.data, Buffer.alloc(AES_BLOCK_BYTES));
  const code = createHash("sha1");
  let skipped = 0;
  // One chunk stays behind, so that the code is never given out with the data.
  let behind: Buffer = Buffer.alloc(0);
  const hashed = (chunk: Buffer): Buffer => {
    code.update(chunk);
    const start = Math.min(AES_BLOCK_BYTES + 2 - skipped, chunk.length);
    skipped += start;
    return chunk.subarray(start);
  };
  for await (const chunk of body) {
    const plain = decipher.update(chunk);
    if (plain.length < MDC_BYTES) {
      behind = Buffer.concat([behind, plain]);
      continue;
    }
    const given = hashed(behind);
    if (given.length > 0) yield given;
    behind = plain;
  }
  if (behind.length < MDC_BYTES) throw tampered();
  const last = behind.subarray(0, -MDC_BYTES);
  const mdc = behind.subarray(-MDC_BYTES);
  const given = hashed(last);
  if (given.length > 0) yield given;
  code.update(mdc.subarray(0, 2));
  if (!timingSafeEqual(Buffer.concat([MDC_HEADER, code.digest()]), mdc)) throw tampered();
}

/** Beyond 4 MiB a chunk is not taken: RFC 9580, section 5.13.2 (and the drafts before it) forbid it. */
const MOST_CHUNK_BITS = 16;
const TAG_BYTES = 16;

const AEAD_MODES: Readonly<Record<number, { mode: "ocb" | "gcm"; nonceBytes: number }>> = {
  2: { mode: "ocb", nonceBytes: 15 },
  3: { mode: "gcm", nonceBytes: 12 },
};

/** How the chunks of one AEAD message are decrypted; both packets that there are do it alike but for these. */
interface Aead {
  algorithm: string;
  key: Uint8Array;
  chunkBytes: number;
  nonce(index: number): Buffer;
  chunkData(index: number): Buffer;
  finalData(index: number, plainBytes: number): Buffer;
}

/** Decrypts a body of version 2 (RFC 9580, section 5.13.2), whose every chunk is proved before it is given out. */
export async function* decryptAead(body: AsyncIterable<Uint8Array>, key: SessionKey): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(body);
  const header = await reader.bytes(35);
  const [cipher, mode, chunkBits] = [header[0]!, header[1]!, header[2]!];
  const info = Buffer.from([0xd2, 2, cipher, mode, chunkBits]);
  const { nonceBytes, ...rest } = aeadOf(key, cipher, mode, chunkBits);
  const keyBytes = key.data.length;
  const derived = Buffer.from(hkdfSync("sha256", key.data, header.subarray(3), info, keyBytes + nonceBytes - 8));
  yield* decryptChunks(reader, {
    ...rest,
    key: derived.subarray(0, keyBytes),
    nonce: (index) => Buffer.concat([derived.subarray(keyBytes), uint64(index)]),
    chunkData: () => info,
    finalData: (_, plainBytes) => Buffer.concat([info, uint64(plainBytes)]),
  });
}

/** The packet of its own that gpg 2.3 and later write for keys that ask for it (draft-koch-librepgp, section 5.16). */
export async function* decryptLibreAead(
  body: AsyncIterable<Uint8Array>,
  key: SessionKey,
): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(body);
  const [version, cipher, mode, chunkBits] = [...(await reader.bytes(4))] as [number, number, number, number];
  if (version !== 1) throw unsupported(`an encrypted packet of version ${version}`);
  const { nonceBytes, ...rest } = aeadOf(key, cipher, mode, chunkBits);
  const iv = await reader.bytes(nonceBytes);
  const data = Buffer.from([0xd4, version, cipher, mode, chunkBits]);
  yield* decryptChunks(reader, {
    ...rest,
    key: key.data,
    nonce: (index) => {
      const nonce = Buffer.from(iv);
      for (const [at, byte] of uint64(index).entries()) nonce[nonceBytes - 8 + at]! ^= byte;
      return nonce;
    },
    chunkData: (index) => Buffer.concat([data, uint64(index)]),
    finalData: (index, plainBytes) => Buffer.concat([data, uint64(index), uint64(plainBytes)]),
  });
}

function aeadOf(key: SessionKey, cipher: number, mode: number, chunkBits: number) {
  const known = AEAD_MODES[mode];
  if (known === undefined) throw unsupported(mode === 1 ? "the mode EAX" : `an unknown mode (number ${mode})`);
  if (chunkBits > MOST_CHUNK_BITS) throw unsupported("chunks of more than 4 MiB");
  if (key.cipher !== null && key.cipher !== cipher) throw damaged("its session key is for another cipher");
  const algorithm = aes(key, cipher, known.mode);
  return { algorithm, nonceBytes: known.nonceBytes, chunkBytes: 2 ** (chunkBits + 6) };
}

async function* decryptChunks(reader: ByteReader, aead: Aead): AsyncGenerator<Uint8Array, void> {
  let plainBytes = 0;
  let ahead = await upTo(reader, aead.chunkBytes + TAG_BYTES + TAG_BYTES);
  for (let index = 0; ; index += 1) {
    // The last tag, over the whole, follows the last chunk, which may be short or missing.
    const chunk = ahead.subarray(0, Math.min(aead.chunkBytes + TAG_BYTES, ahead.length - TAG_BYTES));
    if (chunk.length === 0 || ahead.length < TAG_BYTES) {
      opened(aead, index, aead.finalData(index, plainBytes), ahead);
      return;
    }
    if (chunk.length < TAG_BYTES) throw tampered();
    const plain = opened(aead, index, aead.chunkData(index), chunk);
    plainBytes += plain.length;
    yield plain;
    const rest = ahead.subarray(chunk.length);
    ahead = Buffer.concat([rest, await upTo(reader, aead.chunkBytes + TAG_BYTES + TAG_BYTES - rest.length)]);
  }
}

function opened(aead: Aead, index: number, data: Buffer, chunk: Buffer): Buffer {
  if (chunk.length < TAG_BYTES) throw tampered();
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(aead.algorithm as "aes-256-gcm", aead.key, aead.nonce(index), options);
  const plainBytes = chunk.length - TAG_BYTES;
  decipher.setAuthTag(chunk.subarray(plainBytes));
  decipher.setAAD(data, { plaintextLength: plainBytes });
  try {
    const plain = decipher.update(chunk.subarray(0, plainBytes));
    return Buffer.concat([plain, decipher.final()]);
  } catch (cause) {
    throw tampered(cause);
  }
}

async function upTo(reader: ByteReader, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let missing = length;
  while (missing > 0) {
    const part = await reader.next(missing);
    if (part === undefined) break;
    parts.push(part);
    missing -= part.length;
  }
  return Buffer.concat(parts);
}

function uint64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}
