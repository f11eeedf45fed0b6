import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** What a hash costs: 2^15 × 8 × 128 bytes = 32 MB of memory, three passes (OWASP, Password Storage Cheat Sheet). */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A stored hash that asks for more than this was not made here, and is refused before it can take the memory. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const MAX_PASSES = 16;

/**
 * Hashes a password for storage: `scrypt$N$r$p$salt$hash`, salt and hash in base64. Takes about a quarter of a second of
 * one core, on libuv's threads.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/**
 * Whether a password is the one that {@link hashPassword} hashed. A stored text that is no such hash matches nothing. The
 * password is compared in Unicode's composed form, so that it is the same whichever way a keyboard writes an umlaut.
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = parseHash(stored);
  if (parsed === undefined) return false;
  const actual = await derive(password, parsed.salt, parsed.hash.length, parsed.cost);
  return timingSafeEqual(actual, parsed.hash);
}

interface Cost {
  N: number;
  r: number;
  p: number;
}

function parseHash(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const [scheme, ...rest] = stored.split("$");
  if (scheme !== "scrypt" || rest.length !== 5) return undefined;
  const [N, r, p] = rest.slice(0, 3).map(Number) as [number, number, number];
  const [salt, hash] = rest.slice(3).map((text) => Buffer.from(text, "base64")) as [Buffer, Buffer];
  const whole = [N, r, p].every((value) => Number.isInteger(value) && value > 0);
  if (!whole || N < 2 || (N & (N - 1)) !== 0 || 128 * N * r > MAX_MEMORY_BYTES || p > MAX_PASSES) return undefined;
  if (salt.length === 0 || hash.length < 16) return undefined;
  return { cost: { N, r, p }, salt, hash };
}

function derive(password: string, salt: Buffer, length: number, { N, r, p }: Cost): Promise<Buffer> {
  // OpenSSL counts the block of each pass on top of the 128·N·r bytes.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 2) };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
