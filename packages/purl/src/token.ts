import { type Cipheriv, createCipheriv, timingSafeEqual } from "node:crypto";
import { ADDRESS_BYTES, type Address, assertAddressable, assertLinkKey, TAG_BYTES, writeBlock } from "./address.ts";

/** Characters of a token: 26 bytes in base64url without padding (RFC 4648, section 5). */
export const TOKEN_LENGTH = 35;

/** A token taken apart. It proves nothing until {@link verifyToken} has said so. */
export interface ParsedToken extends Address {
  /** {@link TAG_BYTES} bytes. */
  tag: Buffer;
}

/** 26 bytes leave two bits of the last character unused. They are zero, so that a token has one spelling only. */
const TOKEN = /^[A-Za-z0-9_-]{34}[AEIMQUYcgkosw048]$/;

/** Takes a token apart. Undefined: it is none, or one that is spelt in another way. */
export function parseToken(token: string): ParsedToken | undefined {
  if (token.length !== TOKEN_LENGTH || !TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const batchId = bytes.readUIntBE(0, 5);
  const recordNumber = bytes.readUIntBE(5, 5);
  if (batchId === 0 || recordNumber === 0) return undefined;
  return { batchId, recordNumber, tag: bytes.subarray(ADDRESS_BYTES) };
}

/** Whether the token was made under this link key. Takes the same time for every wrong tag. */
export function verifyToken(key: Buffer, { batchId, recordNumber, tag }: ParsedToken): boolean {
  return timingSafeEqual(tagOf(key, { batchId, recordNumber }), tag);
}

/** One token; {@link createTokenWriter} is the one for many. */
export function issueToken(key: Buffer, address: Address): string {
  assertAddressable("batch", address.batchId);
  assertAddressable("record", address.recordNumber);
  const bytes = Buffer.alloc(ADDRESS_BYTES + TAG_BYTES);
  bytes.writeUIntBE(address.batchId, 0, 5);
  bytes.writeUIntBE(address.recordNumber, 5, 5);
  bytes.set(tagOf(key, address), ADDRESS_BYTES);
  return bytes.toString("base64url");
}

/**
 * AES-256 of one block that no two addresses share: on inputs of one fixed size a block cipher is a pseudorandom function
 * up to its birthday bound of 2^64 blocks (the PRP/PRF switching lemma), far beyond the 2^40 records of a batch.
 */
function tagOf(key: Buffer, address: Address): Buffer {
  const block = Buffer.alloc(TAG_BYTES);
  writeBlock(block, 0, address);
  return cipherOf(key).update(block);
}

const ciphers = new WeakMap<Buffer, Cipheriv>();

/** ECB knows nothing of the block before, so that one cipher does for all; to make one takes ten times as long as to use it. */
function cipherOf(key: Buffer): Cipheriv {
  let cipher = ciphers.get(key);
  if (cipher === undefined) {
    assertLinkKey(key);
    cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    ciphers.set(key, cipher);
  }
  return cipher;
}
