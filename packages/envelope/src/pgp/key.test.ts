import { encryptKey, generateKey, readKey, readPrivateKey, revokeKey } from "openpgp";
import { describe, expect, it } from "vitest";
import { collect, streamOf } from "../testing/streams.ts";
import { wrap } from "../wrap.ts";
import { generatePgpKey, publicPartOf, readPgpKey, unlockPgpKey } from "./key.ts";

const USER = { name: "Acme Ltd", email: "data@acme.example" };
const DAY_MS = 86_400_000;

const refusedWith = (code: string) => expect.objectContaining({ name: "InvalidInput", code });

describe("a key made here", () => {
  it("encrypts and signs until it expires, and says who it is", async () => {
    const { privateKey, publicKey } = await generatePgpKey({ userId: USER, expiresInDays: 30 });
    const facts = await readPgpKey(publicKey);
    expect(facts).toMatchObject({
      userId: "Acme Ltd <data@acme.example>",
      algorithm: "Curve25519",
      isPrivate: false,
      isLocked: false,
      isRevoked: false,
      canEncrypt: true,
      canSign: true,
    });
    expect(facts.fingerprint).toMatch(/^[0-9A-F]{40}$/);
    expect(facts.expiresAt!.getTime() - facts.createdAt.getTime()).toBe(30 * DAY_MS);
    expect(await readPgpKey(privateKey)).toEqual({ ...facts, isPrivate: true });
  });

  it("is handed out without its private part", async () => {
    const { privateKey } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    const handedOut = await publicPartOf(privateKey);
    expect(handedOut).toContain("BEGIN PGP PUBLIC KEY BLOCK");
    expect((await readPgpKey(handedOut)).isPrivate).toBe(false);
    expect(await publicPartOf(handedOut)).toBe(handedOut);
  });

  it("is for nothing once it has expired", async () => {
    const { publicKey, privateKey } = await generateKey({
      type: "ecc",
      curve: "ed25519Legacy",
      userIDs: [USER],
      date: new Date("2024-01-01T00:00:00Z"),
      keyExpirationTime: 86_400,
      format: "armored",
    });
    expect(await readPgpKey(publicKey)).toMatchObject({
      expiresAt: new Date("2024-01-02T00:00:00Z"),
      canEncrypt: false,
      canSign: false,
    });
    await expect(wrapTo(publicKey)).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_recipient_expired" });
    const { publicKey: living } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    await expect(wrapTo(living, privateKey)).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_signer_unfit" });
  });

  it("has the end of its sub key, where that comes first", async () => {
    const { publicKey } = await generateKey({
      type: "ecc",
      curve: "ed25519Legacy",
      userIDs: [USER],
      keyExpirationTime: 100 * 86_400,
      subkeys: [{ keyExpirationTime: 10 * 86_400 }],
      format: "armored",
    });
    const { expiresAt, createdAt } = await readPgpKey(publicKey);
    expect(expiresAt!.getTime() - createdAt.getTime()).toBe(10 * DAY_MS);
  });
});

describe("a private key under a passphrase", () => {
  it("is unlocked with it and with no other", async () => {
    const { privateKey } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    const key = await readPrivateKey({ armoredKey: privateKey });
    const locked = (await encryptKey({ privateKey: key, passphrase: "open sesame" })).armor();
    expect((await readPgpKey(locked)).isLocked).toBe(true);
    await expect(unlockPgpKey(locked)).rejects.toEqual(refusedWith("pgp_key_locked"));
    await expect(unlockPgpKey(locked, "other")).rejects.toEqual(refusedWith("pgp_key_passphrase_wrong"));
    const unlocked = await unlockPgpKey(locked, "open sesame");
    expect(await readPgpKey(unlocked)).toMatchObject({ isLocked: false, canSign: true });
    expect((await readPgpKey(await unlockPgpKey(unlocked))).isLocked).toBe(false);
    const { publicKey } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    await expect(wrapTo(publicKey, locked)).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_signer_locked" });
    await expect(wrapTo(publicKey, unlocked)).resolves.toBeDefined();
  });
});

describe("a key is refused", () => {
  it("that is none, or not whole", async () => {
    const { publicKey } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    for (const text of ["", "nonsense", publicKey.slice(0, 200), "-----BEGIN PGP MESSAGE-----\n\n=abcd\n"]) {
      await expect(readPgpKey(text)).rejects.toEqual(refusedWith("pgp_key_unreadable"));
    }
    await expect(readPgpKey(Buffer.alloc(2_000_000, 0x99))).rejects.toEqual(refusedWith("pgp_key_unreadable"));
  });

  it("that was revoked, to encrypt to", async () => {
    const { privateKey } = await generatePgpKey({ userId: USER, expiresInDays: 1 });
    const { publicKey } = await revokeKey({
      key: await readPrivateKey({ armoredKey: privateKey }),
      format: "armored",
    });
    expect(await readPgpKey(publicKey)).toMatchObject({ isRevoked: true, canEncrypt: false });
    await expect(wrapTo(publicKey)).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_recipient_revoked" });
  });

  it("that only signs, to encrypt to", async () => {
    const { publicKey } = await generateKey({
      type: "ecc",
      curve: "ed25519Legacy",
      userIDs: [USER],
      subkeys: [],
      format: "armored",
    });
    expect(await readPgpKey(publicKey)).toMatchObject({ canEncrypt: false, canSign: true, expiresAt: null });
    await expect(wrapTo(publicKey)).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_recipient_unfit" });
  });
});

async function wrapTo(recipient: string, signWith?: string): Promise<Buffer> {
  await readKey({ armoredKey: recipient });
  const data = Buffer.from("id\n1\n");
  return await collect(
    wrap(streamOf(data), {
      name: "data.csv",
      sizeBytes: data.length,
      modifiedAt: new Date(),
      as: { as: "pgp", recipients: [recipient], signWith, armor: false },
    }),
  );
}
