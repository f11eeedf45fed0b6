import { createHash, type Hash } from "node:crypto";
import type { InvalidInput } from "@inlet/contracts";
import { config, type Key, PacketList, SignaturePacket } from "openpgp";
import { refusal } from "../refusal.ts";
import { fingerprintOf } from "./key.ts";
import { packetBytes, TAG } from "./packet-reader.ts";
import { damaged, unsupported } from "./refusals.ts";

/** RFC 9580, section 9.5, as Node calls them. MD5 (1) and RIPEMD-160 (3) are not computed at all. */
const HASHES: Readonly<Record<number, string>> = {
  2: "sha1",
  8: "sha256",
  9: "sha384",
  10: "sha512",
  11: "sha224",
  12: "sha3-256",
  14: "sha3-512",
};

/** Signature types: over the bytes as they are, or with line ends as CR LF. */
const BINARY = 0;
const TEXT = 1;

/** A signature of a message, from before its data to after it. */
export interface PendingSignature {
  type: number;
  hashNumber: number;
  /** Undefined when the hash is none that is computed. */
  hash: DataHash | undefined;
  /** What a one-pass packet said of its signature; undefined where signatures come first. */
  announcement: Announcement | undefined;
  /** The packet's body: at once where signatures come first, after the data where a one-pass packet announced it. */
  body: Uint8Array | undefined;
}

/**
 * A one-pass packet says beforehand what its signature says again, under its seal. Nobody signs the one-pass packet: what it
 * says has to be found in the signature, or bytes could move between the salt and the data, both of which are hashed alike.
 */
interface Announcement {
  /** Of the signature that has to follow. */
  version: 4 | 6;
  keyAlgorithm: number;
  /** Hexadecimal, upper case: a key id in version 4, a fingerprint in version 6. */
  signer: string;
  /** Of version 6 alone; empty in version 4. */
  salt: Buffer;
}

/** RFC 9580, section 9.5: the salt of a signature of version 6 is as long as its hash asks for. */
const SALT_BYTES: Readonly<Record<number, number>> = { 8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32 };

/** What a one-pass packet announces (RFC 9580, section 5.4). */
export function announced(body: Buffer): PendingSignature {
  const [version, type, hashNumber, keyAlgorithm] = [body[0], body[1] ?? -1, body[2] ?? -1, body[3] ?? -1];
  if (version !== 3 && version !== 6) throw unsupported(`a signature of version ${version}`);
  const saltBytes = version === 6 ? (body[4] ?? 0) : 0;
  const signerAt = version === 6 ? 5 + saltBytes : 4;
  const signerBytes = version === 6 ? 32 : 8;
  // The last byte says whether another one-pass packet follows: what is there is seen without.
  if (body.length !== signerAt + signerBytes + 1) throw damaged("a packet that announces a signature is not whole");
  if (version === 6 && saltBytes !== (SALT_BYTES[hashNumber] ?? saltBytes)) {
    throw damaged("a signature in it has a salt of a wrong length");
  }
  const salt = body.subarray(signerAt - saltBytes, signerAt);
  const signer = body
    .subarray(signerAt, signerAt + signerBytes)
    .toString("hex")
    .toUpperCase();
  return {
    type,
    hashNumber,
    hash: hashOf(type, hashNumber, salt),
    announcement: { version: version === 6 ? 6 : 4, keyAlgorithm, signer, salt },
    body: undefined,
  };
}

/** Whether a signature is the one that was announced, as far as anything said so. */
function isAsAnnounced({ type, hashNumber, announcement }: PendingSignature, packet: SignaturePacket): boolean {
  if (packet.signatureType !== type || packet.hashAlgorithm !== hashNumber) return false;
  if (announcement === undefined) return packet.version === 4;
  const { version, keyAlgorithm, signer, salt } = announcement;
  const said = version === 6 ? hex(packet.issuerFingerprint) : packet.issuerKeyID.toHex().toUpperCase();
  const { salt: own } = packet as { salt?: Uint8Array | null };
  return (
    packet.version === version &&
    packet.publicKeyAlgorithm === keyAlgorithm &&
    said === signer &&
    salt.equals(own ?? new Uint8Array())
  );
}

/** A signature that stands before its data, as old programs write it. */
export function leading(body: Buffer): PendingSignature {
  const version = body[0];
  if (version !== 4) throw unsupported(`a leading signature of version ${version}`);
  const [type, hashNumber] = [body[1] ?? -1, body[3] ?? -1];
  return { type, hashNumber, hash: hashOf(type, hashNumber), announcement: undefined, body };
}

/** Hashes a message's data, canonical where the signature is one of text. */
class DataHash {
  readonly #hash: Hash;
  readonly #isText: boolean;
  #endedInReturn = false;

  constructor(name: string, isText: boolean, salt: Uint8Array) {
    this.#hash = createHash(name).update(salt);
    this.#isText = isText;
  }

  update(chunk: Uint8Array): void {
    if (this.#isText) this.#updateText(chunk);
    else this.#hash.update(chunk);
  }

  /** With what a signature says of itself (RFC 9580, section 5.2.4). */
  digest(signed: Uint8Array, version: number): Uint8Array {
    const trailer = Buffer.from([version, 0xff, 0, 0, 0, 0]);
    trailer.writeUInt32BE(signed.length, 2);
    return new Uint8Array(this.#hash.update(signed).update(trailer).digest());
  }

  #updateText(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      const hasReturn = at === 0 ? this.#endedInReturn : chunk[at - 1] === 13;
      if (hasReturn) continue;
      this.#hash.update(chunk.subarray(from, at)).update("\r");
      from = at;
    }
    this.#hash.update(chunk.subarray(from));
    if (chunk.length > 0) this.#endedInReturn = chunk.at(-1) === 13;
  }
}

function hashOf(type: number, hashNumber: number, salt: Uint8Array = new Uint8Array()): DataHash | undefined {
  const name = HASHES[hashNumber];
  if (name === undefined || (type !== BINARY && type !== TEXT)) return undefined;
  return new DataHash(name, type === TEXT, salt);
}

/** A client's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;

/** Who verifies. */
export interface Verifying {
  /** The client's keys. */
  theirs: readonly Key[];
  /** The fingerprints of our keys and their sub keys: hexadecimal, upper case. */
  ours: readonly string[];
}

/**
 * Verifies a message's signatures. One by a key that we know and that does not hold is refused, whatever the others are.
 * Strangers' are passed over.
 * @returns the fingerprint of the primary key of a signer whom we know, or null, and the key ids of strangers
 * @throws InvalidInput
 */
export async function verifySignatures(
  signatures: readonly PendingSignature[],
  { theirs, ours }: Verifying,
): Promise<{ signedBy: string | null; strangers: readonly string[] }> {
  let signedBy: string | null = null;
  const strangers: string[] = [];
  for (const pending of signatures) {
    const packet = await readSignature(pending);
    const known = signerOf(packet, theirs);
    if (known === undefined) {
      strangers.push(hex(packet.issuerFingerprint) ?? packet.issuerKeyID.toHex().toUpperCase());
      continue;
    }
    await verifyOne(pending, packet, known);
    refuseForOthers(packet, { ours, signer: fingerprintOf(known.key) });
    signedBy ??= fingerprintOf(known.key);
  }
  return { signedBy, strangers };
}

type Signer = { key: Key; part: ReturnType<Key["getKeys"]>[number] };

// The types say a map; the code takes an object.
const ONLY_SIGNATURES = { [TAG.signature]: SignaturePacket } as never;

async function readSignature({ body }: PendingSignature): Promise<SignaturePacket> {
  if (body === undefined) throw damaged("the signature that it announces is missing");
  try {
    const list = await PacketList.fromBinary(packetBytes(TAG.signature, body), ONLY_SIGNATURES);
    const [packet] = list;
    if (packet instanceof SignaturePacket) return packet;
  } catch (cause) {
    throw damaged("its signature cannot be read", cause);
  }
  throw unsupported(`a signature of version ${body[0]}`);
}

function signerOf(packet: SignaturePacket, theirs: readonly Key[]): Signer | undefined {
  const fingerprint = hex(packet.issuerFingerprint);
  for (const key of theirs) {
    const part = key
      .getKeys(packet.issuerKeyID)
      .find((one) => fingerprint === undefined || one.getFingerprint().toUpperCase() === fingerprint);
    if (part !== undefined) return { key, part };
  }
  return undefined;
}

async function verifyOne(pending: PendingSignature, packet: SignaturePacket, { key, part }: Signer): Promise<void> {
  const signer = fingerprintOf(key);
  const { hash } = pending;
  if (pending.type !== BINARY && pending.type !== TEXT) {
    throw signatureRefusal("invalid", signer, "is none of a file; sign the file itself");
  }
  if (hash === undefined || pending.hashNumber === 2) {
    throw signatureRefusal("weak", signer, "uses a hash that is broken; sign with SHA-256 or better");
  }
  if (!isAsAnnounced(pending, packet) || packet.created === null || packet.signatureData === null)
    throw doesNotHold(signer);
  const now = Date.now();
  const at = new Date(packet.created.getTime() - now < CLOCK_SKEW_MS ? Math.max(now, packet.created.getTime()) : now);
  // What OpenPGP.js would hash, we have hashed: it verifies the digest, where it would verify that of a stream.
  Object.assign(packet, { hashed: hash.digest(packet.signatureData, packet.version) });
  try {
    await packet.verify(part.keyPacket, pending.type, {}, at, false, config);
  } catch (cause) {
    const { message } = cause as Error;
    if (/is expired/.test(message)) {
      throw signatureRefusal("expired", signer, "has expired; sign the file again", cause);
    }
    if (/in the future/.test(message)) {
      throw signatureRefusal("future", signer, "is dated in the future; set the clock and sign the file again", cause);
    }
    if (/insecure/i.test(message)) {
      throw signatureRefusal("weak", signer, "uses a hash that is broken; sign with SHA-256 or better", cause);
    }
    throw doesNotHold(signer, cause);
  }
  if (part.getCreationTime() > packet.created) throw doesNotHold(signer);
  await refuseUnfitKey({ key, part }, at);
}

/** RFC 9580, section 5.2.3.36. OpenPGP.js does not know it, and keeps it with what else it does not know. */
const INTENDED_RECIPIENT = 35;

/**
 * Who signs a file for somebody else did not send it to us: that one may have opened it, and encrypted it anew to our key.
 * Only programs that say in a signature whom it is for can be held to it.
 */
function refuseForOthers(packet: SignaturePacket, { ours, signer }: { ours: readonly string[]; signer: string }): void {
  const { unknownSubpackets } = packet as unknown as { unknownSubpackets: { type: number; body: Uint8Array }[] };
  // A version, and a fingerprint.
  const meant = unknownSubpackets
    .filter(({ type }) => type === INTENDED_RECIPIENT)
    .map(({ body }) => hex(body.subarray(1))!);
  if (meant.length === 0 || meant.some((fingerprint) => ours.includes(fingerprint))) return;
  throw signatureRefusal(
    "misdirected",
    signer,
    `was made for a message to others (${meant.slice(0, 3).join(", ")}${meant.length > 3 ? ", …" : ""}) and not to us; sign and encrypt the file for our key in one step`,
  );
}

/**
 * A key has to be good today, and not only when it signed: the date in a signature is its maker's word, and whoever has
 * got hold of an old key can set it at will.
 */
async function refuseUnfitKey({ key, part }: Signer, at: Date): Promise<void> {
  const signer = fingerprintOf(key);
  try {
    await key.getSigningKey(part.getKeyID(), at, undefined, config);
    return;
  } catch (cause) {
    if (await key.isRevoked(undefined, undefined, at)) throw keyRefusal("revoked", signer, "was revoked", cause);
    const { message } = cause as Error;
    if (/revoked/i.test(message)) throw keyRefusal("revoked", signer, "was revoked", cause);
    const ends = [await key.getExpirationTime().catch(() => null), await endOf(part)];
    const end = ends.find((one) => one instanceof Date && one <= at);
    if (end instanceof Date) {
      throw keyRefusal("expired", signer, `expired on ${end.toISOString().slice(0, 10)}`, cause);
    }
    if (/expired/i.test(message)) throw keyRefusal("expired", signer, "has expired", cause);
    throw keyRefusal("unfit", signer, "is not one that may sign, or is too weak", cause);
  }
}

const endOf = (part: Signer["part"]) =>
  (part as { getExpirationTime?: () => Promise<Date | number | null> }).getExpirationTime?.().catch(() => null) ?? null;

const doesNotHold = (signer: string, cause?: unknown) =>
  signatureRefusal(
    "invalid",
    signer,
    "does not hold: the data or the signature was changed; sign and encrypt it again",
    cause,
  );

function signatureRefusal(kind: string, signer: string, what: string, cause?: unknown): InvalidInput {
  return refusal(`pgp_signature_${kind}`, `The signature of the key ${signer} ${what}.`, {
    cause,
    context: { signer },
  });
}

function keyRefusal(kind: string, signer: string, what: string, cause: unknown): InvalidInput {
  return refusal(
    `pgp_signer_${kind}`,
    `The file is signed with the key ${signer}, which ${what}; sign it with a valid key, and send us its public key.`,
    { cause, context: { signer } },
  );
}

const hex = (bytes: Uint8Array | null) =>
  bytes === null ? undefined : Buffer.from(bytes).toString("hex").toUpperCase();
