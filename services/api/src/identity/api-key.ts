import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

const PREFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const PREFIX_LENGTH = 10;
const SECRET_BYTES = 32;
/** `inlet_<prefix>_<secret>`: 256 random bits as 43 characters of base64url. */
const SHAPE = /^inlet_([a-z0-9]{10})_[A-Za-z0-9_-]{43}$/;

/** A new key: what its owner gets, and what is stored of it. */
export function newApiKey(): { key: string; prefix: string; sha256: Buffer } {
  const prefix = Array.from({ length: PREFIX_LENGTH }, () => PREFIX_LETTERS[randomInt(PREFIX_LETTERS.length)]).join("");
  return { prefix, ...newSecret(prefix) };
}

/** A new secret for a key of this prefix. */
export function newSecret(prefix: string): { key: string; sha256: Buffer } {
  const key = `inlet_${prefix}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { key, sha256: hashApiKey(key) };
}

/** The SHA-256 of a whole key. A fast hash suffices: 256 random bits cannot be guessed. */
export function hashApiKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** The prefix of what looks like a key, from an Authorization header. Undefined: there is none. */
export function parseAuthorization(header: string | undefined): { key: string; prefix: string } | undefined {
  const key = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  const prefix = key === undefined ? undefined : SHAPE.exec(key)?.[1];
  return key === undefined || prefix === undefined ? undefined : { key, prefix };
}

/** Whether a key is the one whose hash is stored, in a time that tells nothing. */
export function isSameKey(key: string, sha256: Buffer): boolean {
  return timingSafeEqual(hashApiKey(key), sha256);
}
