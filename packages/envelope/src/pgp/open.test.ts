import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { deflateRawSync } from "node:zlib";
import {
  config,
  createMessage,
  decryptKey,
  encrypt,
  encryptKey,
  encryptSessionKey,
  enums,
  generateKey,
  type Key,
  type PrivateKey,
  readKey,
  readMessage,
  readPrivateKey,
  revokeKey,
  type SecretKeyPacket,
  SignaturePacket,
  sign,
} from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import type { RandomAccess } from "../random-access.ts";
import { collect, fileOf } from "../testing/streams.ts";
import { type UnwrapOptions, unwrap } from "../unwrap.ts";
import { packetBytes, TAG } from "./packet-reader.ts";

const DATA = Buffer.from("id,name\r\n".repeat(30_000));
let us: PrivateKey;
let client: PrivateKey;

beforeAll(async () => {
  us = await makeKey("us");
  client = await makeKey("client");
});

async function makeKey(name: string, more: object = {}): Promise<PrivateKey> {
  const options = { type: "ecc", curve: "ed25519Legacy", format: "object", ...more } as const;
  return (await generateKey({ userIDs: [{ name }], ...options })).privateKey;
}

const options = (changes: Partial<NonNullable<UnwrapOptions["pgp"]>> = {}): UnwrapOptions => ({
  limits: { totalBytes: 1024 ** 3 },
  pgp: {
    privateKeys: [us.armor()],
    publicKeys: [client.toPublic().armor()],
    signature: "accept",
    ...changes,
  },
});

async function opened(bytes: Uint8Array, how = options()) {
  const unwrapped = await unwrap(fileOf(bytes), how);
  if (unwrapped.kind !== "pgp") throw new Error(`it is ${unwrapped.kind}`);
  const data = await collect(unwrapped.open());
  return { data, name: unwrapped.name(), signedBy: unwrapped.signedBy() };
}

const refused = async (bytes: Uint8Array, code: string, how = options()) =>
  await expect(opened(bytes, how)).rejects.toMatchObject({ name: "InvalidInput", code });

/** Packets, encrypted to us as gpg 2.2 does it; the proof at the end may be left out or spoilt. */
async function sealed(
  packets: Uint8Array,
  { key = us as Key, spoil = (mdc: Buffer) => mdc, mdcHeader = Buffer.from([0xd3, 0x14]) } = {},
): Promise<Buffer> {
  const sessionKey = randomBytes(32);
  const session = await encryptSessionKey({
    data: new Uint8Array(sessionKey),
    algorithm: "aes256",
    encryptionKeys: key,
    format: "binary",
  });
  const random = randomBytes(16);
  const plain = Buffer.concat([random, random.subarray(14), packets, mdcHeader]);
  const mdc = spoil(createHash("sha1").update(plain).digest());
  const cipher = createCipheriv("aes-256-cfb", sessionKey, Buffer.alloc(16));
  const body = Buffer.concat([Buffer.from([1]), cipher.update(Buffer.concat([plain, mdc]))]);
  return Buffer.concat([session, packetBytes(TAG.encrypted, body)]);
}

function literal(data: Uint8Array, name = "data.csv"): Uint8Array {
  const head = Buffer.concat([Buffer.from("b"), Buffer.from([name.length]), Buffer.from(name), Buffer.alloc(4)]);
  return packetBytes(TAG.literal, Buffer.concat([head, data]));
}

const packed = (packets: Uint8Array, algorithm = 1) =>
  packetBytes(TAG.compressed, Buffer.concat([Buffer.from([algorithm]), deflateRawSync(packets)]));

/** One-pass packet, literal, signature; nothing encrypted. */
const signed = async (data: Uint8Array, key = client, more: object = {}) =>
  Buffer.from(
    await sign({
      message: await createMessage({ binary: new Uint8Array(data) }),
      signingKeys: key,
      format: "binary",
      ...more,
    }),
  );

const detached = async (data: Uint8Array, key = client) => await signed(data, key, { detached: true });

/** A signature over the data with this very key, whatever it is for; with more subpackets, which it signs, too. */
async function signature(key: SecretKeyPacket, more: Uint8Array = Buffer.alloc(0)): Promise<Uint8Array> {
  const packet = Object.assign(new SignaturePacket(), {
    signatureType: enums.signature.binary,
    hashAlgorithm: enums.hash.sha256,
    publicKeyAlgorithm: key.algorithm,
  }) as unknown as {
    writeHashedSubPackets(): Uint8Array;
    sign(key: SecretKeyPacket, data: object, date: Date, detached: boolean, config: object): Promise<void>;
    write(): Uint8Array;
  };
  const hashed = packet.writeHashedSubPackets.bind(packet);
  packet.writeHashedSubPackets = () => {
    // They come after their length of two bytes.
    const all = Buffer.concat([hashed().subarray(2), more]);
    return new Uint8Array(Buffer.concat([Buffer.from([all.length >> 8, all.length & 0xff]), all]));
  };
  await packet.sign(key, { text: null, getBytes: () => new Uint8Array(DATA) }, new Date(), true, config);
  return packetBytes(TAG.signature, packet.write());
}

const withoutSubkeys = async (key: PrivateKey) => {
  const alone = await readPrivateKey({ armoredKey: key.armor() });
  alone.subkeys = [];
  return alone.armor();
};

const fingerprint = (key: Key) => key.getFingerprint().toUpperCase();

describe("a message is opened", () => {
  it("as made by hand for these tests", async () => {
    expect(await opened(await sealed(literal(DATA)))).toEqual({ data: DATA, name: "data.csv", signedBy: null });
    expect((await opened(await sealed(packed(literal(DATA))))).data.equals(DATA)).toBe(true);
    expect((await opened(await sealed(await signed(DATA)))).signedBy).toBe(fingerprint(client));
  });

  it.each([
    ["OCB", "ocb"],
    ["GCM", "gcm"],
  ] as const)("of the newer kind that proves each chunk: %s", async (_, mode) => {
    for (const sizeBytes of [0, 1, 4095, 4096, 4097, 8192, 100_000]) {
      const data = new Uint8Array(randomBytes(sizeBytes));
      const message = await newer(data, mode);
      const found = await opened(message, options({ signature: "require" }));
      expect(found.data.equals(data)).toBe(true);
      for (const at of [message.length - 1, message.length - 17, message.length - 40]) {
        await refused(flipped(message, at), "pgp_tampered");
      }
    }
    // Whole chunks left out at the end: the last tag is over another length.
    const long = await newer(new Uint8Array(randomBytes(50_000)), mode);
    await expect(opened(long.subarray(0, -5000))).rejects.toMatchObject({ name: "InvalidInput" });
  });

  it("in the packet of its own that gpg 2.4 writes", async () => {
    for (const sizeBytes of [0, 1, 64, 1000]) {
      const data = randomBytes(sizeBytes);
      const message = await libre(literal(data), 0);
      expect((await opened(message)).data.equals(data)).toBe(true);
      await refused(flipped(message, message.length - 3), "pgp_tampered");
      await refused(flipped(message, message.length - 30), "pgp_tampered");
    }
  });

  it("whose file name is a path, and never gives one", async () => {
    expect((await opened(await sealed(literal(DATA, "../../etc/passwd")))).name).toBe("passwd");
    expect((await opened(await sealed(literal(DATA, "C:\\a\\b.csv")))).name).toBe("b.csv");
    expect((await opened(await sealed(literal(DATA, "..")))).name).toBe("unnamed");
    expect((await opened(await sealed(literal(DATA, "")))).name).toBeNull();
  });

  it("twice, one after the other", async () => {
    const unwrapped = await unwrap(fileOf(await sealed(await signed(DATA))), options());
    if (unwrapped.kind !== "pgp") throw new Error("no message");
    for (let turn = 0; turn < 2; turn += 1) {
      let bytes = 0;
      for await (const chunk of unwrapped.open()) bytes += chunk.length;
      expect(bytes).toBe(DATA.length);
      expect(unwrapped.signedBy()).toBe(fingerprint(client));
    }
  });
});

describe("a signature", () => {
  it("over other data is refused, required or not", async () => {
    const forged = await signed(DATA);
    forged[forged.indexOf("id,name") + 3]! ^= 1;
    const message = await sealed(forged);
    await refused(message, "pgp_signature_invalid");
    await refused(message, "pgp_signature_invalid", options({ signature: "require" }));
  });

  it("that does not hold is refused beside one that does", async () => {
    const other = await makeKey("other");
    const both = Buffer.from(
      await sign({
        message: await createMessage({ binary: new Uint8Array(DATA) }),
        signingKeys: [client, other],
        format: "binary",
      }),
    );
    const keys = options({ publicKeys: [client.toPublic().armor(), other.toPublic().armor()] });
    expect((await opened(await sealed(both), keys)).signedBy).not.toBeNull();
    // The last packet is the signature that was announced first; its last byte is of its number.
    both[both.length - 1]! ^= 1;
    await refused(await sealed(both), "pgp_signature_invalid", keys);
  });

  it("that was announced and is missing, or is there unannounced, is damage", async () => {
    const whole = await signed(DATA);
    const onePass = whole.subarray(0, whole[1]! + 2);
    await refused(await sealed(Buffer.concat([onePass, literal(DATA)])), "pgp_damaged");
    await refused(await sealed(whole.subarray(onePass.length)), "pgp_damaged");
  });

  it("in front of the data is verified beside one that was announced", async () => {
    const other = await makeKey("other");
    const keys = options({ publicKeys: [client.toPublic().armor(), other.toPublic().armor()] });
    const both = async (data: Uint8Array) =>
      await sealed(Buffer.concat([await detached(DATA, other), await signed(data)]));
    expect((await opened(await both(DATA), keys)).signedBy).toBe(fingerprint(other));
    await refused(await both(DATA.subarray(1)), "pgp_signature_invalid", keys);
  });

  it("cannot be made to fit to the end of the data alone, by calling its beginning a salt", async () => {
    const whole = await signed(DATA);
    const onePassBytes = whole[1]! + 2;
    const signature = whole.subarray(whole.length - (await detached(DATA)).length);
    const announcement = (salt: Buffer) => {
      const signer = Buffer.concat([Buffer.alloc(12), Buffer.from(client.getKeyID().toHex(), "hex"), Buffer.alloc(12)]);
      return packetBytes(
        TAG.onePassSignature,
        Buffer.concat([Buffer.from([6, 0, whole[4]!, whole[5]!, salt.length]), salt, signer, Buffer.from([1])]),
      );
    };
    for (const saltBytes of [0, 16, 32, 200]) {
      const salted = announcement(DATA.subarray(0, saltBytes));
      const forged = await sealed(Buffer.concat([salted, literal(DATA.subarray(saltBytes)), signature]));
      await expect(opened(forged)).rejects.toMatchObject({
        code: expect.stringMatching(/^pgp_(damaged|signature_invalid)$/),
      });
    }
    // The same parts, put together as they belong.
    const parts = [whole.subarray(0, onePassBytes), literal(DATA), signature];
    expect((await opened(await sealed(Buffer.concat(parts)))).signedBy).toBe(fingerprint(client));
  });

  it("of version 6 is verified with its own salt", async () => {
    const six = await makeKey("six", { curve: undefined, type: "curve25519", config: { v6Keys: true } });
    const keys = options({ publicKeys: [six.toPublic().armor()], signature: "require" });
    const whole = await signed(DATA, six);
    expect((await opened(await sealed(whole), keys)).signedBy).toBe(fingerprint(six));
    // Its first data byte as the salt's last: announced, the hash is over the same bytes.
    const saltBytes = whole[6]!;
    const onePass = whole.subarray(2, 2 + whole[1]!);
    const end = onePass.subarray(5 + saltBytes);
    const signature = whole.subarray(whole.length - (await detached(DATA, six)).length);
    const salt = Buffer.concat([onePass.subarray(5, 5 + saltBytes), DATA.subarray(0, 4)]);
    const longer = Buffer.concat([onePass.subarray(0, 4), Buffer.from([salt.length]), salt, end]);
    const forged = [packetBytes(TAG.onePassSignature, longer), literal(DATA.subarray(4)), signature];
    await refused(await sealed(Buffer.concat(forged)), "pgp_damaged", keys);
    // Announced without a salt, which becomes data.
    const old = Buffer.from([3, 0, onePass[2]!, onePass[3]!, ...end.subarray(0, 8), 1]);
    const bare = [
      packetBytes(TAG.onePassSignature, old),
      literal(Buffer.concat([onePass.subarray(5, 5 + saltBytes), DATA])),
      signature,
    ];
    await refused(await sealed(Buffer.concat(bare)), "pgp_signature_invalid", keys);
  });

  it.each([
    ["type", 1],
    ["hash", 2],
    ["algorithm", 3],
    ["signer", 4],
  ])("that is not the one that was announced is refused: another %s", async (_, at) => {
    const whole = await signed(DATA);
    whole[2 + at]! ^= 1;
    await expect(opened(await sealed(whole))).rejects.toMatchObject({ name: "InvalidInput" });
  });

  it("in front of the data, as old programs write it, is verified", async () => {
    const alone = await detached(DATA);
    const message = await sealed(Buffer.concat([alone, literal(DATA)]));
    expect((await opened(message)).signedBy).toBe(fingerprint(client));
    await refused(await sealed(Buffer.concat([alone, literal(DATA.subarray(1))])), "pgp_signature_invalid");
  });

  it("with a sub key holds while that is one for signatures, and lives", async () => {
    const key = await makeKey("with a sub key", { subkeys: [{ sign: true }, {}] });
    const keys = (one: PrivateKey) => options({ publicKeys: [one.toPublic().armor()], signature: "require" });
    const message = await sealed(await signed(DATA, key));
    expect((await opened(message, keys(key))).signedBy).toBe(fingerprint(key));
    for (const flag of Object.values(enums.reasonForRevocation).filter((reason) => Number(reason) < 4)) {
      const revoked = await readPrivateKey({ armoredKey: key.armor() });
      const why = { flag: flag as enums.reasonForRevocation, string: "" };
      revoked.subkeys[0] = await revoked.subkeys[0]!.revoke(revoked.keyPacket as SecretKeyPacket, why, new Date());
      await refused(message, "pgp_signer_revoked", keys(revoked));
    }
    // Glued to the client's key, without being bound to it.
    const bare = Buffer.concat([client.toPublic().write(), packetBytes(14, key.toPublic().keyPacket.write())]);
    const glued = await readKey({ binaryKey: new Uint8Array(bare) });
    const byStranger = await sealed(
      await signed(DATA, await readPrivateKey({ armoredKey: await withoutSubkeys(key) })),
    );
    await refused(byStranger, "pgp_signer_unfit", options({ publicKeys: [glued.armor()] }));
  });

  it("by a sub key that is for encryption is refused", async () => {
    const key = await makeKey("rsa", { type: "rsa", rsaBits: 2048 });
    const subkey = key.subkeys[0]!.keyPacket;
    const packet = await signature(subkey as unknown as SecretKeyPacket);
    const message = await sealed(Buffer.concat([packet, literal(DATA)]));
    await refused(message, "pgp_signer_unfit", options({ publicKeys: [key.toPublic().armor()] }));
  });

  it.each([2, 0x10, 0x13, 0x18, 0x40, 0x50])("of type %i, which is none of a file, is refused", async (type) => {
    const packet = Buffer.from(await signature(client.keyPacket as SecretKeyPacket));
    // After a header of six bytes and the version.
    packet[7] = type;
    await refused(await sealed(Buffer.concat([packet, literal(DATA)])), "pgp_signature_invalid");
  });

  it("with a critical notation that nobody knows is refused", async () => {
    const note = { name: "must@example.com", value: new Uint8Array([1]), humanReadable: false };
    const noted = async (critical: boolean) =>
      await sealed(await signed(DATA, client, { signatureNotations: [{ ...note, critical }] }));
    expect((await opened(await noted(false))).signedBy).toBe(fingerprint(client));
    await refused(await noted(true), "pgp_signature_invalid");
  });

  it("that says whom it is for is refused when that is not us", async () => {
    const stranger = await makeKey("somebody else");
    const message = async (...recipients: Key[]) => {
      const more = Buffer.concat(recipients.map((key) => Buffer.from(`162304${key.getFingerprint()}`, "hex")));
      const packet = await signature(client.keyPacket as SecretKeyPacket, more);
      return await sealed(Buffer.concat([packet, literal(DATA)]));
    };
    for (const recipients of [[], [us], [stranger, us], [us.getSubkeys()[0] as never as Key]]) {
      expect((await opened(await message(...recipients))).signedBy).toBe(fingerprint(client));
    }
    await refused(await message(stranger), "pgp_signature_misdirected");
  });

  it("dated in the future is refused, but for a clock that is somewhat ahead", async () => {
    const inHours = async (hours: number) =>
      await sealed(await signed(DATA, client, { date: new Date(Date.now() + hours * 3_600_000) }));
    expect((await opened(await inHours(1))).signedBy).toBe(fingerprint(client));
    await refused(await inHours(48), "pgp_signature_future");
  });

  it("with a key that has expired is refused, even if it was made before", async () => {
    const made = new Date("2024-01-01T00:00:00Z");
    const old = await makeKey("old", { date: made, keyExpirationTime: 86_400 });
    const message = await sealed(await signed(DATA, old, { date: new Date("2024-01-01T12:00:00Z") }));
    await refused(message, "pgp_signer_expired", options({ publicKeys: [old.toPublic().armor()] }));
  });

  it("with a key that was revoked is refused", async () => {
    const gone = await makeKey("gone");
    const { publicKey } = await revokeKey({ key: gone, format: "armored" });
    await refused(await sealed(await signed(DATA, gone)), "pgp_signer_revoked", options({ publicKeys: [publicKey] }));
  });
});

describe("a message is refused", () => {
  it("with a wrong proof, or none", async () => {
    const spoil = (mdc: Buffer) => {
      mdc[0]! ^= 1;
      return mdc;
    };
    await refused(await sealed(literal(DATA), { spoil }), "pgp_tampered");
    await refused(await sealed(literal(DATA), { spoil: () => Buffer.alloc(0) }), "pgp_tampered");
    await refused(await sealed(literal(DATA), { mdcHeader: Buffer.from([0xd3, 0x15]) }), "pgp_tampered");
    const bare = packetBytes(TAG.encryptedBare, randomBytes(300));
    const session = (await sealed(literal(DATA))).subarray(0, 96);
    await refused(Buffer.concat([session, bare]), "pgp_no_integrity");
  });

  it.each([
    ["packed", async () => packed(await signed(DATA))],
    ["not packed", async () => await signed(DATA)],
  ])("that was changed in what says how to read it, as one that was changed: %s", async (_, make) => {
    const message = await sealed(await make());
    // The session key's packet, then a header of six bytes and a version.
    const body = message[1]! + 2 + 6 + 1;
    for (let at = body; at < body + 120; at += 1) await refused(flipped(message, at), "pgp_tampered");
  });

  it.each([
    ["two files", () => Buffer.concat([literal(DATA), literal(DATA)]), "pgp_several_files"],
    ["packed twice", () => packed(packed(literal(DATA))), "pgp_layers"],
    ["nothing", () => Buffer.alloc(0), "pgp_damaged"],
    ["no packet", () => Buffer.from("id,name\n"), "pgp_damaged"],
    ["an unknown compression", () => packed(literal(DATA), 9), "pgp_unsupported"],
    ["compressed nonsense", () => packetBytes(TAG.compressed, Buffer.from([1, 255, 254, 253])), "pgp_damaged"],
    ["bzip2 nonsense", () => packetBytes(TAG.compressed, Buffer.from("\x03BZh9nonsense")), "pgp_damaged"],
    // The streams are empty, each of 14 bytes, and right.
    [
      "thousands of bzip2 streams",
      () =>
        packetBytes(
          TAG.compressed,
          Buffer.concat([Buffer.from([3]), Buffer.alloc(14 * 20_000, "425a683917724538509000000000", "hex")]),
        ),
      "pgp_damaged",
    ],
    ["bzip2 that is empty", () => packetBytes(TAG.compressed, Buffer.from([3])), "pgp_damaged"],
    ["a file that is cut off", () => literal(DATA).subarray(0, 1000), "pgp_damaged"],
  ] as const)("that holds %s", async (_, make, code) => await refused(await sealed(make()), code));

  it("with a session key for no AES", async () => {
    const session = await encryptSessionKey({
      data: new Uint8Array(randomBytes(24)),
      algorithm: "tripledes",
      encryptionKeys: await makeKey("rsa", { type: "rsa", rsaBits: 2048 }).then((key) => {
        rsa = key;
        return key;
      }),
      format: "binary",
    });
    const message = Buffer.concat([session, packetBytes(TAG.encrypted, Buffer.concat([Buffer.from([1]), DATA]))]);
    await refused(message, "pgp_unsupported", options({ privateKeys: [rsa!.armor()] }));
  });
  let rsa: PrivateKey | undefined;

  it("without a word about how the padding of its session key was wrong", async () => {
    const key = await makeKey("rsa", { type: "rsa", rsaBits: 2048 });
    const { n, e } = (await key.getEncryptionKey()).keyPacket.publicParams as { n: Uint8Array; e: Uint8Array };
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "RSA", n: base64(n), e: base64(e) }, format: "jwk" });
    const keyId = Buffer.from((await key.getEncryptionKey()).getKeyID().toHex(), "hex");
    const message = (padding: number, plain: Buffer) => {
      const encrypted = publicEncrypt({ key: publicKey, padding }, plain);
      const head = Buffer.concat([Buffer.from([3]), keyId, Buffer.from([1, 8, 0])]);
      const session = packetBytes(TAG.publicKeySession, Buffer.concat([head, encrypted]));
      return Buffer.concat([session, packetBytes(TAG.encrypted, Buffer.concat([Buffer.from([1]), DATA]))]);
    };
    const reason = async (bytes: Buffer) =>
      await opened(bytes, options({ privateKeys: [key.armor()] })).then(
        () => "taken",
        (error: Error) => [error.message, (error.cause as Error).message],
      );
    const { RSA_NO_PADDING, RSA_PKCS1_PADDING } = constants;
    const nonsense = Buffer.concat([Buffer.alloc(1), randomBytes(255)]);
    const reasons = [
      // A padding that is none, one with a zero too early, and a good one around a wrong checksum.
      await reason(message(RSA_NO_PADDING, nonsense)),
      await reason(message(RSA_NO_PADDING, Buffer.concat([Buffer.from([0, 2, 1, 0]), randomBytes(252)]))),
      await reason(
        message(RSA_PKCS1_PADDING, Buffer.concat([Buffer.from([9]), Buffer.alloc(32, 1), Buffer.alloc(2, 9)])),
      ),
    ];
    expect(new Set(reasons.map(String)).size, String(reasons)).toBe(1);
    // Node does not say it to OpenPGP.js either, whose time could tell: a wrong padding gives random bytes.
    const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const wrong = publicEncrypt(
      { key: jwk.publicKey, padding: RSA_NO_PADDING },
      Buffer.concat([Buffer.alloc(1), randomBytes(255)]),
    );
    expect(() => privateDecrypt({ key: jwk.privateKey, padding: RSA_PKCS1_PADDING }, wrong)).not.toThrow();
  });

  it.each([
    ["a signature", TAG.signature],
    ["padding", TAG.padding],
    ["a one-pass packet", TAG.onePassSignature],
  ] as const)("without growing, when %s in it is as large as its sender liked", async (_, tag) => {
    const message = await sealed(packed(Buffer.concat([packetBytes(tag, Buffer.alloc(200_000_000)), literal(DATA)])));
    const before = process.memoryUsage().arrayBuffers;
    await refused(message, "pgp_damaged");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it("that comes in more and smaller parts than any program writes", async () => {
    // Parts of one byte, each with a header of one.
    const tiny = (tag: number, body: Uint8Array) =>
      Buffer.concat([
        Buffer.from([0xc0 | tag]),
        ...[...body].map((byte) => Buffer.from([0xe0, byte])),
        Buffer.from([0]),
      ]);
    const head = Buffer.concat([Buffer.from("b\0"), Buffer.alloc(4)]);
    const few = Buffer.concat([head, DATA.subarray(0, 3000)]);
    expect((await opened(await sealed(tiny(TAG.literal, few)))).data.equals(DATA.subarray(0, 3000))).toBe(true);
    const many = Buffer.concat([head, DATA.subarray(0, 5000)]);
    await refused(await sealed(tiny(TAG.literal, many)), "pgp_damaged");
    // What is no data must not come so at all.
    await refused(await sealed(Buffer.concat([tiny(TAG.padding, DATA.subarray(0, 9)), literal(DATA)])), "pgp_damaged");
  });

  it("for one key more often than makes sense, because each of them is tried", async () => {
    const one = (await sealed(literal(DATA))).subarray(0, 96);
    const [head, rest] = [one.subarray(0, 2 + one[1]!), (await sealed(literal(DATA))).subarray(2 + one[1]!)];
    await refused(Buffer.concat([...Array(33).fill(head), rest]), "pgp_damaged");
    await refused(Buffer.concat([...Array(32).fill(head), rest]), "pgp_tampered");
  });

  it("without growing, when what stands before the data is large", async () => {
    const large = packetBytes(
      TAG.publicKeySession,
      Buffer.concat([Buffer.from([3]), Buffer.alloc(8), Buffer.alloc(50_000_000, 1)]),
    );
    await refused(large, "pgp_damaged");
  });

  it("when a chunk of the newer kind would not fit into memory", async () => {
    await refused(await libre(literal(DATA), 17), "pgp_unsupported");
  });
});

describe("what is not the message's fault", () => {
  it("a locked key of ours", async () => {
    const locked = await encryptKey({ privateKey: await readPrivateKey({ armoredKey: us.armor() }), passphrase: "x" });
    const message = await sealed(literal(DATA));
    await expect(opened(message, options({ privateKeys: [locked.armor()] }))).rejects.toMatchObject({
      name: "Misconfigured",
      code: "pgp_key_locked",
    });
    expect((await decryptKey({ privateKey: locked, passphrase: "x" })).isDecrypted()).toBe(true);
  });

  it("a disk that fails is reported as it is", async () => {
    const message = await sealed(packed(literal(randomBytes(2_000_000))));
    const file = fileOf(message);
    let reads = 0;
    const failing: RandomAccess = {
      ...file,
      read: async (offset, length) => {
        reads += 1;
        if (reads > 6) throw Object.assign(new Error("disk gone"), { code: "EIO" });
        return await file.read(offset, length);
      },
    };
    const unwrapped = await unwrap(failing, options());
    const drain = async () => {
      if (unwrapped.kind === "pgp") for await (const _ of unwrapped.open());
    };
    await expect(drain()).rejects.toThrow("disk gone");
  });

  it("an abort stops the stream with its own reason", async () => {
    const abort = new AbortController();
    const message = await sealed(packed(literal(randomBytes(5_000_000))));
    const unwrapped = await unwrap(fileOf(message), { ...options(), signal: abort.signal });
    const drain = async () => {
      if (unwrapped.kind === "pgp") for await (const _ of unwrapped.open()) abort.abort(new Error("stop now"));
    };
    await expect(drain()).rejects.toThrow("stop now");
  });

  it("a reader that stops early leaves nothing hanging", async () => {
    const unwrapped = await unwrap(fileOf(await sealed(packed(literal(randomBytes(5_000_000))))), options());
    if (unwrapped.kind === "pgp") for await (const _ of unwrapped.open()) break;
  });
});

/** RFC 9580's version 2, as OpenPGP.js writes it for a key that asks for it; in chunks of 4 KB. */
async function newer(data: Uint8Array, mode: "ocb" | "gcm"): Promise<Buffer> {
  const aead = { aeadProtect: true, preferredAEADAlgorithm: enums.aead[mode] };
  const asking = await makeKey(`asks for ${mode}`, { config: { ...config, ...aead } });
  us = asking;
  const message = await encrypt({
    message: await createMessage({ binary: data }),
    encryptionKeys: await readKey({ armoredKey: asking.toPublic().armor() }),
    signingKeys: client,
    format: "binary",
    config: { ...aead, aeadChunkSizeByte: 6 },
  });
  const [first] = (await readMessage({ binaryMessage: message })).packets.slice(-1) as unknown as [{ version: number }];
  expect(first.version).toBe(2);
  return Buffer.from(message);
}

/** The draft's packet 20: OCB, chunks of 2^(chunkBits + 6) bytes. */
async function libre(packets: Uint8Array, chunkBits: number): Promise<Buffer> {
  const sessionKey = randomBytes(32);
  const session = await encryptSessionKey({
    data: new Uint8Array(sessionKey),
    algorithm: "aes256",
    encryptionKeys: us,
    format: "binary",
  });
  const iv = randomBytes(15);
  const head = Buffer.from([1, 9, 2, chunkBits]);
  const seal = (index: number, data: Buffer, plain: Uint8Array) => {
    const nonce = Buffer.from(iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(7) ^ BigInt(index), 7);
    const cipher = createCipheriv("aes-256-ocb", sessionKey, nonce, { authTagLength: 16 });
    cipher.setAAD(data, { plaintextLength: plain.length });
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([body, cipher.getAuthTag()]);
  };
  const uint64 = (number: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes;
  };
  const associated = Buffer.concat([Buffer.from([0xd4]), head]);
  const chunkBytes = 2 ** (chunkBits + 6);
  const chunks: Buffer[] = [];
  for (let at = 0; at < packets.length; at += chunkBytes) {
    const data = Buffer.concat([associated, uint64(chunks.length)]);
    chunks.push(seal(chunks.length, data, packets.subarray(at, at + chunkBytes)));
  }
  const last = Buffer.concat([associated, uint64(chunks.length), uint64(packets.length)]);
  chunks.push(seal(chunks.length, last, Buffer.alloc(0)));
  return Buffer.concat([session, packetBytes(TAG.encryptedAead, Buffer.concat([head, iv, ...chunks]))]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
}
