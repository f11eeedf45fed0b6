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
  /** The packet's body: at once where signatures come first, after the data where a one-pass packet announced it. */
  body: Uint8Array | undefined;
}

/** What a one-pass packet announces (RFC 9580, section 5.4). */
export function announced(body: Buffer): PendingSignature {
  const [version, type, hashNumber] = [body[0], body[1] ?? -1, body[2] ?? -1];
  if (version !== 3 && version !== 6) throw unsupported(`a signature of version ${version}`);
  const salt = version === 6 ? body.subarray(5, 5 + (body[4] ?? 0)) : undefined;
  return { type, hashNumber, hash: hashOf(type, hashNumber, salt), body: undefined };
}

/** A signature that stands before its data, as old programs write it. */
export function leading(body: Buffer): PendingSignature {
  const version = body[0];
  if (version !== 4) throw unsupported(`a leading signature of version ${version}`);
  const [type, hashNumber] = [body[1] ?? -1, body[3] ?? -1];
  return { type, hashNumber, hash: hashOf(type, hashNumber, undefined), body };
}

/** Hashes a message's data, canonical where the signature is one of text. */
class DataHash {
  readonly #hash: Hash;
  readonly #isText: boolean;
  #endedInReturn = false;

  constructor(name: string, isText: boolean, salt: Uint8Array | undefined) {
    this.#hash = createHash(name);
    this.#isText = isText;
    if (salt !== undefined) this.#hash.update(salt);
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

function hashOf(type: number, hashNumber: number, salt: Uint8Array | undefined): DataHash | undefined {
  const name = HASHES[hashNumber];
  if (name === undefined || (type !== BINARY && type !== TEXT)) return undefined;
  return new DataHash(name, type === TEXT, salt);
}

/** A client's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;

/**
 * Verifies a message's signatures. One by a key that we know and that does not hold is refused, whatever the others are.
 * Strangers' are passed over.
 * @returns the fingerprint of the primary key of a signer whom we know, or null, and the key ids of strangers
 * @throws InvalidInput
 */
export async function verifySignatures(
  signatures: readonly PendingSignature[],
  theirs: readonly Key[],
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
  if (hash === undefined || pending.hashNumber === 2) {
    throw signatureRefusal("weak", signer, "uses a hash that is broken; sign with SHA-256 or better");
  }
  const isAsAnnounced = packet.signatureType === pending.type && packet.hashAlgorithm === pending.hashNumber;
  if (!isAsAnnounced || packet.created === null || packet.signatureData === null) throw doesNotHold(signer);
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
