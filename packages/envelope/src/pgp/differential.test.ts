// What is read here is held against OpenPGP.js' own reading, over messages that were changed at random: never may one be
// taken here that OpenPGP.js refuses, nor a signature that it does not verify, and what is taken is the same bytes.
import { createCipheriv, createHash, hkdfSync } from "node:crypto";
import { deflateRawSync, deflateSync } from "node:zlib";
import { createMessage, decrypt, encryptSessionKey, generateKey, type PrivateKey, readMessage, sign } from "openpgp";
import { beforeAll, expect, it } from "vitest";
import { collect, fileOf } from "../testing/streams.ts";
import { unwrap } from "../unwrap.ts";
import { packetBytes, TAG } from "./packet-reader.ts";

/** The first turn's; a failure names the seed of its own turn, which alone (with one turn) makes the same changes again. */
const SEED = Number(process.env.ENVELOPE_SEED ?? 20_261_121);
const TURNS = Number(process.env.ENVELOPE_TURNS ?? 1200);

const DATA = new Uint8Array(Buffer.from("id,name\r\n1,Ann\n2,Bob\r\n".repeat(12)));
const SESSION_KEY = new Uint8Array(32).fill(7);

let us: PrivateKey;
let signers: PrivateKey[];
/** What is signed, by the name of how, not encrypted yet: its packets. */
let signed: [string, Uint8Array[]][];
let sealing: [string, (packets: Uint8Array) => Uint8Array][];

beforeAll(async () => {
  const make = async (name: string, more: object = {}) =>
    (await generateKey({ userIDs: [{ name }], type: "ecc", curve: "ed25519Legacy", format: "object", ...more }))
      .privateKey;
  us = await make("us");
  const [first, second] = [await make("first"), await make("second")];
  const six = await make("six", { type: "curve25519", curve: undefined, config: { v6Keys: true } });
  signers = [first, second, six];
  const binary = await createMessage({ binary: DATA });
  const text = await createMessage({ text: Buffer.from(DATA).toString() });
  const made = async (message: typeof binary | typeof text, ...signingKeys: PrivateKey[]) =>
    packetsOf(Buffer.from(await sign({ message: message as typeof binary, signingKeys, format: "binary" })));
  const alone = Buffer.from(await sign({ message: binary, signingKeys: first, format: "binary", detached: true }));
  signed = [
    ["signed", await made(binary, first)],
    ["signed as text", await made(text, first)],
    ["signed by two", await made(binary, first, second)],
    ["signed in version 6", await made(binary, six)],
    ["signed in front", [alone, packetBytes(TAG.literal, Buffer.concat([Buffer.from("b\0\0\0\0\0"), DATA]))]],
  ];
  const session = async (aeadAlgorithm?: "ocb" | "gcm") =>
    Buffer.from(
      await encryptSessionKey({
        ...{ data: SESSION_KEY, algorithm: "aes256", encryptionKeys: us, format: "binary" },
        ...(aeadAlgorithm !== undefined && { aeadAlgorithm }),
      } as Parameters<typeof encryptSessionKey>[0] & { format: "binary" }),
    );
  const [old, ocb, gcm] = [await session(), await session("ocb"), await session("gcm")];
  sealing = [
    ["with a code", (packets) => Buffer.concat([old, packetBytes(TAG.encrypted, withCode(packets))])],
    ["OCB", (packets) => Buffer.concat([ocb, packetBytes(TAG.encrypted, withAead(packets, 2))])],
    ["GCM", (packets) => Buffer.concat([gcm, packetBytes(TAG.encrypted, withAead(packets, 3))])],
    ["packet 20", (packets) => Buffer.concat([old, packetBytes(TAG.encryptedAead, libre(packets))])],
  ];
});

it("what is not changed is taken by both", async () => {
  for (const [how, packets] of signed) {
    for (const [kind, seal] of sealing) {
      const message = seal(Buffer.concat(packets));
      const ours = await read(message);
      expect(ours?.signedBy, `${how}, ${kind}`).toMatch(/^[0-9A-F]{40,64}$/);
      await expectAlike(message, ours, `${how}, ${kind}`);
    }
  }
});

it(
  "nothing that was changed is taken but what OpenPGP.js takes, and verifies, as the same bytes",
  async () => {
    let taken = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const random = randomFrom(SEED + turn);
      const [how, packets] = pick(random, signed);
      const [kind, seal] = pick(random, sealing);
      const outside = random() < 0.25;
      // Changed within, it has a proof that holds: only what is read and its signature are left to tell.
      let inside: Uint8Array = Buffer.concat(outside ? packets : rearranged(random, packets));
      if (!outside && random() < 0.6) inside = changed(random, inside);
      if (random() < 0.4) inside = pack(random, inside);
      const message = outside ? changed(random, seal(inside)) : seal(inside);
      const ours = await read(message);
      if (ours === undefined) continue;
      taken += 1;
      await expectAlike(message, ours, `${how}, ${kind}: ENVELOPE_SEED=${SEED + turn} ENVELOPE_TURNS=1`);
    }
    // It would show nothing if nothing were taken any more.
    if (TURNS > 100) expect(taken).toBeGreaterThan(TURNS / 50);
  },
  20_000 + TURNS * 50,
);

interface Read {
  data: Buffer;
  signedBy: string | null;
}

/** Undefined: refused, with a reason; any other failure is one of ours. */
async function read(message: Uint8Array): Promise<Read | undefined> {
  try {
    const unwrapped = await unwrap(fileOf(message), {
      limits: { totalBytes: 1024 ** 2 },
      pgp: {
        privateKeys: [us.armor()],
        publicKeys: signers.map((key) => key.toPublic().armor()),
        signature: "accept",
      },
    });
    if (unwrapped.kind !== "pgp") return undefined;
    return { data: await collect(unwrapped.open()), signedBy: unwrapped.signedBy() };
  } catch (error) {
    if ((error as Error).name === "InvalidInput") return undefined;
    throw error;
  }
}

async function expectAlike(message: Uint8Array, ours: Read | undefined, what: string): Promise<void> {
  let theirs: Read & { verified: string[] };
  try {
    const { data, signatures } = await decrypt({
      message: await readMessage({ binaryMessage: new Uint8Array(message) }),
      decryptionKeys: us,
      verificationKeys: signers.map((key) => key.toPublic()),
      format: "binary",
    });
    const verified: string[] = [];
    for (const { keyID, verified: holds } of signatures) {
      const isGood = await holds.catch(() => false);
      const signer = signers.find((key) => key.getKeys(keyID).length > 0);
      if (isGood && signer !== undefined) verified.push(signer.getFingerprint().toUpperCase());
    }
    theirs = { data: Buffer.from(data as Uint8Array), signedBy: verified[0] ?? null, verified };
  } catch (error) {
    throw new Error(`${what}: taken here, and refused by OpenPGP.js (${(error as Error).message})`);
  }
  expect(ours?.data.equals(theirs.data), `${what}: the bytes differ`).toBe(true);
  if (ours?.signedBy != null) expect(theirs.verified, `${what}: the signature`).toContain(ours.signedBy);
}

/** Packets left out, doubled, in another order; bytes moved from the data to what announces its signature. */
function rearranged(random: () => number, packets: readonly Uint8Array[]): Uint8Array[] {
  const result = [...packets];
  const at = Math.floor(random() * result.length);
  const choice = random();
  if (choice < 0.1) result.splice(at, 1);
  else if (choice < 0.2) result.splice(at, 0, result[at]!);
  else if (choice < 0.3) result.unshift(...result.splice(at, 1));
  else if (choice < 0.4) result.splice(at, 0, packetBytes(TAG.marker, Buffer.from("PGP")));
  else if (choice < 0.6) return salted(random, result);
  return result;
}

function salted(random: () => number, packets: Uint8Array[]): Uint8Array[] {
  const [onePass, literal] = [packets[0], packets.find((packet) => (packet[0]! & 0x3f) === TAG.literal)];
  if (onePass === undefined || literal === undefined || (onePass[0]! & 0x3f) !== TAG.onePassSignature) return packets;
  const body = bodyOf(onePass);
  const data = bodyOf(literal).subarray(6 + bodyOf(literal)[1]!);
  const old = body[0] === 6 ? body.subarray(5, 5 + body[4]!) : Buffer.alloc(0);
  const signer = body[0] === 6 ? body.subarray(5 + old.length, -1) : Buffer.alloc(32, body.subarray(4, 12));
  const bytes = pick(random, [0, 1, 16, 32, 200]);
  const salt = Buffer.concat([old, data.subarray(0, bytes)]);
  const announced = [Buffer.from([6]), body.subarray(1, 4), Buffer.from([salt.length]), salt, signer, Buffer.from([1])];
  const rest = Buffer.concat([Buffer.from("b\0\0\0\0\0"), data.subarray(bytes)]);
  return [
    packetBytes(TAG.onePassSignature, Buffer.concat(announced)),
    ...packets.slice(1).map((packet) => (packet === literal ? packetBytes(TAG.literal, rest) : packet)),
  ];
}

/** A bit flipped, bytes overwritten, left out, doubled, put in or cut off; near the beginning or the end more often. */
function changed(random: () => number, bytes: Uint8Array): Buffer {
  const where = random();
  const span = where < 0.4 ? 48 : bytes.length;
  const from = where > 0.8 ? Math.max(0, bytes.length - 48) : 0;
  const at = Math.min(bytes.length - 1, from + Math.floor(random() * Math.min(span, bytes.length - from)));
  const length = 1 + Math.floor(random() * 20);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const noise = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  switch (Math.floor(random() * 6)) {
    case 0:
      return Buffer.concat([before, noise.subarray(0, 1), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 3:
      return Buffer.concat([before, noise, after]);
    case 4:
      return Buffer.from(before);
    default:
      return Buffer.concat([before, Buffer.from([after[0]! ^ (1 << Math.floor(random() * 8))]), after.subarray(1)]);
  }
}

function pack(random: () => number, packets: Uint8Array): Buffer {
  const algorithm = pick(random, [0, 1, 2]);
  const packed = [Buffer.from(packets), deflateRawSync(packets), deflateSync(packets)][algorithm]!;
  const body = Buffer.concat([Buffer.from([algorithm]), packed]);
  // As gpg does it, to the end of what there is; or with its length.
  return random() < 0.5 ? Buffer.concat([Buffer.from([0xa3]), body]) : Buffer.from(packetBytes(TAG.compressed, body));
}

function withCode(packets: Uint8Array): Buffer {
  const random = Buffer.alloc(16, 5);
  const plain = Buffer.concat([random, random.subarray(14), packets, Buffer.from([0xd3, 0x14])]);
  const cipher = createCipheriv("aes-256-cfb", SESSION_KEY, Buffer.alloc(16));
  const code = createHash("sha1").update(plain).digest();
  return Buffer.concat([Buffer.from([1]), cipher.update(Buffer.concat([plain, code]))]);
}

/** RFC 9580's version 2, in chunks of 128 bytes. */
function withAead(packets: Uint8Array, mode: 2 | 3): Buffer {
  const [nonceBytes, algorithm] = mode === 2 ? [15, "aes-256-ocb"] : [12, "aes-256-gcm"];
  const salt = Buffer.alloc(32, 9);
  const info = Buffer.from([0xd2, 2, 9, mode, 1]);
  const derived = Buffer.from(hkdfSync("sha256", SESSION_KEY, salt, info, 32 + nonceBytes - 8));
  const seal = (index: number, data: Buffer, plain: Uint8Array) =>
    sealed(
      algorithm,
      { key: derived.subarray(0, 32), nonce: Buffer.concat([derived.subarray(32), uint64(index)]) },
      data,
      plain,
    );
  const chunks = inChunks(packets).map((chunk, index) => seal(index, info, chunk));
  const last = seal(chunks.length, Buffer.concat([info, uint64(packets.length)]), Buffer.alloc(0));
  return Buffer.concat([info.subarray(1), salt, ...chunks, last]);
}

/** The draft's packet 20, in chunks of 128 bytes. */
function libre(packets: Uint8Array): Buffer {
  const head = Buffer.from([1, 9, 2, 1]);
  const iv = Buffer.alloc(15, 3);
  const data = (index: number) => Buffer.concat([Buffer.from([0xd4]), head, uint64(index)]);
  const seal = (index: number, associated: Buffer, plain: Uint8Array) => {
    const nonce = Buffer.from(iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(7) ^ BigInt(index), 7);
    return sealed("aes-256-ocb", { key: SESSION_KEY, nonce }, associated, plain);
  };
  const chunks = inChunks(packets).map((chunk, index) => seal(index, data(index), chunk));
  const last = seal(chunks.length, Buffer.concat([data(chunks.length), uint64(packets.length)]), Buffer.alloc(0));
  return Buffer.concat([head, iv, ...chunks, last]);
}

function sealed(
  algorithm: string,
  { key, nonce }: { key: Uint8Array; nonce: Buffer },
  data: Buffer,
  plain: Uint8Array,
) {
  const cipher = createCipheriv(algorithm as "aes-256-gcm", key, nonce, { authTagLength: 16 });
  cipher.setAAD(data, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

const inChunks = (bytes: Uint8Array) =>
  Array.from({ length: Math.ceil(bytes.length / 128) }, (_, index) => bytes.subarray(index * 128, (index + 1) * 128));

function uint64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

/** New headers, none in parts. */
function packetsOf(bytes: Buffer): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = lengths(rest).headerBytes + lengths(rest).bodyBytes;
    packets.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return packets;
}

function lengths(packet: Uint8Array): { headerBytes: number; bodyBytes: number } {
  const [, first, second] = packet as unknown as [number, number, number];
  if (first < 192) return { headerBytes: 2, bodyBytes: first };
  if (first < 224) return { headerBytes: 3, bodyBytes: ((first - 192) << 8) + second + 192 };
  return { headerBytes: 6, bodyBytes: Buffer.from(packet).readUInt32BE(2) };
}

const bodyOf = (packet: Uint8Array) => Buffer.from(packet.subarray(lengths(packet).headerBytes));

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
