import { createHash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;
/** 256 bits as base64url. */
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** A new token, of a session or of an invitation: what its holder gets, and what is stored of it. */
export function newToken(): { token: string; sha256: Buffer } {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, sha256: hashToken(token) };
}

/** The SHA-256 of a token. A fast hash suffices: 256 random bits cannot be guessed. */
export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Whether a text could be a token at all. */
export function isToken(text: string): boolean {
  return SHAPE.test(text);
}
