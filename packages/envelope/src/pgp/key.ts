import { AppError, InvalidInput } from "@inlet/contracts";
import { config, decryptKey, generateKey, type Key, PrivateKey, type PublicKey, readKeys, type Subkey } from "openpgp";
import { baseName } from "../base-name.ts";

/** What people want to know of an OpenPGP key. */
export interface PgpKeyFacts {
  /** Of the primary key: hexadecimal, upper case. */
  fingerprint: string;
  /** The primary user id, such as `Acme Ltd <data@acme.example>`; empty when the key has none. */
  userId: string;
  /** As people know it: `RSA 4096`, `Curve25519`, `NIST P-256`. */
  algorithm: string;
  isPrivate: boolean;
  /** Private, and still under a passphrase: {@link unlockPgpKey}. */
  isLocked: boolean;
  isRevoked: boolean;
  createdAt: Date;
  /** When the key can first not be used any more for something that it is for, sub keys included; null is never. */
  expiresAt: Date | null;
  /** Today: neither expired nor revoked, and made for it. */
  canEncrypt: boolean;
  canSign: boolean;
}

const DAY_S = 24 * 60 * 60;
/** What one key file may have, photos and certifications of others included. */
const MOST_KEY_BYTES = 1024 * 1024;
/** RFC 9580, section 12.4, asks for 3072 of new keys and forbids less than 2048. */
const FEWEST_RSA_BITS = 2048;

/**
 * Makes a key pair that every OpenPGP program of the last ten years reads: version 4, Ed25519 for signatures, X25519 in a
 * sub key for encryption; armoured, the private part without a passphrase (whoever stores it seals it).
 */
export async function generatePgpKey({
  userId,
  expiresInDays,
}: {
  userId: { name: string; email: string };
  expiresInDays: number;
}): Promise<{ privateKey: string; publicKey: string }> {
  const { privateKey, publicKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [userId],
    keyExpirationTime: Math.round(expiresInDays * DAY_S),
    format: "armored",
    config: KEY_CONFIG,
  });
  return { privateKey, publicKey };
}

/** No comment and no version in the armour; nothing that gpg 2.2 does not know. */
const KEY_CONFIG = { ...config, showComment: false, showVersion: false, aeadProtect: false, v6Keys: false };

/**
 * Reads an OpenPGP key, public or private, armoured or binary.
 * @throws InvalidInput when it is no key, holds several, or one that is too weak to be used
 */
export async function readPgpKey(armoredOrBinary: string | Uint8Array): Promise<PgpKeyFacts> {
  const key = await parseKey(armoredOrBinary);
  refuseWeak(key);
  return await factsOf(key);
}

/**
 * The public part of a key, armoured, to be kept or handed out; a public key comes back without what stood around it.
 * @throws InvalidInput when it is no key
 */
export async function publicPartOf(armoredOrBinary: string | Uint8Array): Promise<string> {
  return (await parseKey(armoredOrBinary)).toPublic().armor(KEY_CONFIG);
}

/**
 * A private key without its passphrase, armoured. One that has none comes back as it is.
 * @throws InvalidInput when it is no private key, or the passphrase is missing or wrong
 */
export async function unlockPgpKey(armoredOrBinary: string | Uint8Array, passphrase?: string): Promise<string> {
  const key = await parsePrivate(armoredOrBinary);
  refuseWeak(key);
  if (!isLocked(key)) return key.armor(KEY_CONFIG);
  if (passphrase === undefined || passphrase === "") {
    throw keyRefusal(
      "pgp_key_locked",
      `The private key ${fingerprintOf(key)} is protected with a passphrase; give it, too.`,
    );
  }
  try {
    return (await decryptKey({ privateKey: key, passphrase })).armor(KEY_CONFIG);
  } catch (cause) {
    throw keyRefusal(
      "pgp_key_passphrase_wrong",
      `The passphrase does not open the private key ${fingerprintOf(key)}.`,
      cause,
    );
  }
}

/** Hexadecimal, upper case, as gpg shows it. */
export const fingerprintOf = (key: Pick<PublicKey, "getFingerprint">): string => key.getFingerprint().toUpperCase();

/** A key for verification or encryption. @throws InvalidInput */
export async function parseKey(armoredOrBinary: string | Uint8Array): Promise<Key> {
  if (armoredOrBinary.length > MOST_KEY_BYTES) {
    throw keyRefusal("pgp_key_unreadable", "This is no OpenPGP key: it is larger than one can be.");
  }
  let keys: Key[];
  try {
    keys = await (typeof armoredOrBinary === "string" || isArmour(armoredOrBinary)
      ? readKeys({ armoredKeys: textOf(armoredOrBinary).trim() })
      : readKeys({ binaryKeys: armoredOrBinary }));
  } catch (cause) {
    throw keyRefusal(
      "pgp_key_unreadable",
      "This is no OpenPGP key, or not a whole one; export it again (gpg --armor --export).",
      cause,
    );
  }
  const [key, second] = keys;
  if (key === undefined) throw keyRefusal("pgp_key_unreadable", "There is no OpenPGP key in this.");
  if (second !== undefined) {
    throw keyRefusal(
      "pgp_key_several",
      `There are ${keys.length} OpenPGP keys in this (${keys.slice(0, 3).map(fingerprintOf).join(", ")}${keys.length > 3 ? ", …" : ""}); give one at a time.`,
    );
  }
  return key;
}

/** A private key, locked or not. @throws InvalidInput */
export async function parsePrivate(armoredOrBinary: string | Uint8Array): Promise<PrivateKey> {
  const key = await parseKey(armoredOrBinary);
  if (!key.isPrivate()) {
    throw keyRefusal(
      "pgp_key_not_private",
      `The key ${fingerprintOf(key)} is a public key; the private one is needed.`,
    );
  }
  return key as PrivateKey;
}

const textOf = (key: string | Uint8Array) => (typeof key === "string" ? key : Buffer.from(key).toString("latin1"));

const isArmour = (key: Uint8Array) => Buffer.from(key).includes("-----BEGIN PGP");

/** A primary key whose secret lies elsewhere (`gpg --export-secret-subkeys`) has no lock to open. */
function isLocked(key: PrivateKey): boolean {
  return key.getKeys().some(({ keyPacket }) => {
    const packet = keyPacket as { isDecrypted?: () => boolean | null; isDummy?: () => boolean };
    return packet.isDecrypted?.() === false && packet.isDummy?.() !== true;
  });
}

function refuseWeak(key: Key): void {
  const { algorithm, bits } = key.getAlgorithmInfo();
  const isShort = algorithm.startsWith("rsa") && (bits ?? 0) < FEWEST_RSA_BITS;
  if (!isShort && algorithm !== "dsa" && algorithm !== "elgamal") return;
  throw keyRefusal(
    "pgp_key_weak",
    `The key ${fingerprintOf(key)} (${algorithmInWords(key)}) is too weak; use Curve25519, or RSA with at least ${FEWEST_RSA_BITS} bits.`,
  );
}

async function factsOf(key: Key): Promise<PgpKeyFacts> {
  const now = new Date();
  const isRevoked = await key.isRevoked(undefined, undefined, now);
  return {
    fingerprint: fingerprintOf(key),
    userId: await userIdOf(key),
    algorithm: algorithmInWords(key),
    isPrivate: key.isPrivate(),
    isLocked: key instanceof PrivateKey && isLocked(key),
    isRevoked,
    createdAt: key.getCreationTime(),
    expiresAt: await expiryOf(key),
    canEncrypt: !isRevoked && (await works(() => key.getEncryptionKey(undefined, now))),
    canSign: !isRevoked && (await works(() => key.getSigningKey(undefined, now))),
  };
}

const works = (use: () => Promise<unknown>): Promise<boolean> =>
  use().then(
    () => true,
    () => false,
  );

async function userIdOf(key: Key): Promise<string> {
  const primary = await key.getPrimaryUser().catch(() => undefined);
  const userId = primary?.user.userID?.userID ?? key.getUserIDs()[0] ?? "";
  return userId === "" ? "" : baseName(userId.replaceAll(/[/\\]/g, "∕"));
}

/** The primary key's end, or that of the last sub key for encryption or signatures, whichever comes first. */
async function expiryOf(key: Key): Promise<Date | null> {
  const ends = [await endOf(key)];
  for (const purpose of ["encryption", "signing"] as const) {
    const subkeys = key.getSubkeys().filter((subkey) => isFor(subkey, purpose));
    const living = await Promise.all(subkeys.map(endOf));
    if (living.length > 0) ends.push(Math.max(...living));
  }
  const first = Math.min(...ends);
  return Number.isFinite(first) ? new Date(first) : null;
}

/** In milliseconds since 1970; Infinity when it never ends, or cannot be told (then it cannot be used either). */
async function endOf(key: Key | Subkey): Promise<number> {
  const end = await key.getExpirationTime().catch(() => null);
  return end instanceof Date ? end.getTime() : Number.POSITIVE_INFINITY;
}

const SIGNING_ALGORITHMS = new Set(["rsaEncryptSign", "rsaSign", "ecdsa", "eddsaLegacy", "ed25519", "ed448", "dsa"]);

/** By its flags (RFC 9580, section 5.2.3.29): 0x02 signs, 0x04 and 0x08 encrypt. */
function isFor({ bindingSignatures, ...subkey }: Subkey, purpose: "encryption" | "signing"): boolean {
  const flags = bindingSignatures.reduce((all, { keyFlags }) => all | (keyFlags?.[0] ?? 0), 0);
  if (flags !== 0) return (flags & (purpose === "signing" ? 0x02 : 0x0c)) !== 0;
  return SIGNING_ALGORITHMS.has(String(subkey.keyPacket?.algorithm)) === (purpose === "signing");
}

const CURVES: Readonly<Record<string, string>> = {
  ed25519Legacy: "Curve25519",
  curve25519Legacy: "Curve25519",
  nistP256: "NIST P-256",
  nistP384: "NIST P-384",
  nistP521: "NIST P-521",
  brainpoolP256r1: "Brainpool P-256",
  brainpoolP384r1: "Brainpool P-384",
  brainpoolP512r1: "Brainpool P-512",
};

function algorithmInWords(key: Key): string {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (algorithm.startsWith("rsa")) return `RSA ${bits}`;
  if (algorithm === "ed25519" || algorithm === "x25519") return "Curve25519";
  if (algorithm === "ed448" || algorithm === "x448") return "Curve448";
  if (curve !== undefined) return CURVES[curve] ?? curve;
  return bits === undefined ? algorithm.toUpperCase() : `${algorithm.toUpperCase()} ${bits}`;
}

function keyRefusal(code: string, message: string, cause?: unknown): InvalidInput {
  if (cause instanceof AppError) throw cause;
  return new InvalidInput({ code, message, cause });
}
