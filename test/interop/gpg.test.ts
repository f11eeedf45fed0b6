import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  generatePgpKey,
  type PgpMessage,
  readPgpKey,
  type UnwrapOptions,
  unwrap,
  type WrapAs,
  wrap,
} from "@inlet/envelope";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GnuPg, type GnuPgKey, openGnuPg } from "./gnupg.ts";
import { collect, fileOf, streamOf } from "./random-access.ts";

const DATA = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `${i},Müller ${i % 97},"a, b",${(i * 7919) % 10_007}\r\n`).join(""),
);
const LIMITS = { totalBytes: 1024 ** 3 };

let gpg: GnuPg;
let client: GnuPgKey;
let ourRsa: GnuPgKey;
let ourNist: GnuPgKey;
let ourOwn: GnuPgKey;
let stranger: GnuPgKey;

beforeAll(async () => {
  gpg = await openGnuPg();
  client = await gpg.makeKey({ name: "client", algorithm: "rsa3072" });
  ourRsa = await gpg.makeKey({ name: "our-rsa", algorithm: "rsa3072" });
  ourNist = await gpg.makeKey({ name: "our-nist", algorithm: "nistp256" });
  stranger = await gpg.makeKey({ name: "stranger", algorithm: "ed25519" });
  const made = await generatePgpKey({ userId: { name: "Inlet", email: "inlet@example.com" }, expiresInDays: 365 });
  ourOwn = { ...made, fingerprint: (await readPgpKey(made.publicKey)).fingerprint };
  await gpg.importKey(ourOwn.publicKey);
});

afterAll(async () => await gpg?.close());

const ours = () => [ourOwn, ourRsa, ourNist].map(({ privateKey }) => privateKey);

function withKeys(changes: Partial<NonNullable<UnwrapOptions["pgp"]>> = {}): UnwrapOptions {
  return {
    limits: LIMITS,
    pgp: { privateKeys: ours(), publicKeys: [client.publicKey], signature: "require", ...changes },
  };
}

async function opened(
  bytes: Uint8Array,
  options = withKeys(),
): Promise<{ data: Buffer; name: string | null; signedBy: string | null; message: PgpMessage }> {
  const unwrapped = await unwrap(fileOf(bytes), options);
  if (unwrapped.kind !== "pgp") throw new Error(`it is ${unwrapped.kind}`);
  const data = await collect(unwrapped.open());
  return { data, name: unwrapped.name(), signedBy: unwrapped.signedBy(), message: unwrapped };
}

const to = (...keys: GnuPgKey[]) => keys.flatMap(({ fingerprint }) => ["--recipient", fingerprint]);
const signedBy = ({ fingerprint }: GnuPgKey) => ["--local-user", fingerprint, "--sign"];

/** Signed by the client and encrypted to us. */
const encrypted = async (args: readonly string[] = [], data: Uint8Array = DATA) =>
  (await gpg.run([...args, ...signedBy(client), ...to(ourOwn), "--encrypt"], data)).output;

describe("a message by gpg is opened", () => {
  const compressions = ["none", "zip", "zlib", "bzip2"] as const;
  it.each(compressions.flatMap((c) => [[c, "binary"] as const, [c, "armoured"] as const]))(
    "%s, %s",
    async (c, form) => {
      const args = [
        ...(c === "none" ? ["-z", "0"] : ["--compress-algo", c]),
        ...(form === "armoured" ? ["--armor"] : []),
      ];
      const message = await encrypted([...args, "--set-filename", "in/data_file.csv"]);
      const { data, name, signedBy: signer } = await opened(message);
      expect(data.equals(DATA)).toBe(true);
      expect(name).toBe("data_file.csv");
      expect(signer).toBe(client.fingerprint);
    },
  );

  it.each([
    ["RSA 3072", () => ourRsa],
    ["NIST P-256", () => ourNist],
    ["Curve25519 made here", () => ourOwn],
  ] as const)("encrypted to our %s key", async (_, key) => {
    const { output } = await gpg.run([...signedBy(client), ...to(key()), "--encrypt"], DATA);
    const { data, message } = await opened(output);
    expect(data.equals(DATA)).toBe(true);
    expect(message.encryptedTo).toBe(key().fingerprint);
  });

  it("encrypted to several, ours among them", async () => {
    const { output } = await gpg.run([...signedBy(client), ...to(stranger, client, ourNist), "--encrypt"], DATA);
    expect((await opened(output)).data.equals(DATA)).toBe(true);
  });

  it("that does not say whom it is for", async () => {
    const args = ["--throw-keyids", ...signedBy(client), ...to(stranger, ourNist, ourRsa), "--encrypt"];
    const { output } = await gpg.run(args, DATA);
    expect((await opened(output)).data.equals(DATA)).toBe(true);
  });

  it("with a password beside our key", async () => {
    const args = ["--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric"];
    const { output } = await gpg.run([...args, ...signedBy(client), ...to(ourOwn), "--encrypt"], DATA);
    expect((await opened(output)).data.equals(DATA)).toBe(true);
  });

  it("signed by two, of whom we know one", async () => {
    const args = ["--local-user", stranger.fingerprint, ...signedBy(client), ...to(ourOwn), "--encrypt"];
    const { output } = await gpg.run(args, DATA);
    expect((await opened(output)).signedBy).toBe(client.fingerprint);
  });

  it("signed as text, which gpg gives CR LF line ends", async () => {
    const lines = Buffer.from("id,name\n1,a\n2,b\n");
    const { data, signedBy: signer } = await opened(await encrypted(["--textmode"], lines));
    expect(data.toString()).toBe("id,name\r\n1,a\r\n2,b\r\n");
    expect(signer).toBe(client.fingerprint);
  });

  it.each([0, 1, 21, 22, 23, 8191, 8192, 262_144])("of %i bytes", async (sizeBytes) => {
    const bytes = randomBytes(sizeBytes);
    for (const compress of [["-z", "0"], []]) {
      expect((await opened(await encrypted(compress, bytes))).data.equals(bytes)).toBe(true);
    }
  });

  it("without a signature, when none is required", async () => {
    const { output } = await gpg.run([...to(ourOwn), "--encrypt"], DATA);
    const { data, signedBy: signer } = await opened(output, withKeys({ signature: "accept" }));
    expect(data.equals(DATA)).toBe(true);
    expect(signer).toBeNull();
  });

  it("signed by a stranger, when no signature is required, as if it were not signed", async () => {
    const { output } = await gpg.run([...signedBy(stranger), ...to(ourOwn), "--encrypt"], DATA);
    const { data, signedBy: signer } = await opened(output, withKeys({ signature: "accept" }));
    expect(data.equals(DATA)).toBe(true);
    expect(signer).toBeNull();
  });

  it("encrypted to a key of ours that has expired since", async () => {
    const old = await gpg.makeKey({ name: "retired", algorithm: "ed25519", expires: "1d", at: "20200101T000000" });
    const then = ["--faked-system-time", "20200101T010000!"];
    const { output } = await gpg.run([...then, ...to(old), "--encrypt"], DATA);
    const options = withKeys({ privateKeys: [ourOwn.privateKey, old.privateKey], signature: "accept" });
    expect((await opened(output, options)).data.equals(DATA)).toBe(true);
  });
});

describe("a large message", () => {
  it("streams in bounded memory", async () => {
    const path = join(gpg.home, "large");
    const lines = Buffer.from(
      Array.from({ length: 40_000 }, () => `${randomBytes(8).toString("hex")},a,b,c\n`).join(""),
    );
    const parts = Math.ceil((40 * 1024 * 1024) / lines.length);
    await writeFile(path, Buffer.concat(Array.from({ length: parts }, () => lines)));
    await gpg.run([...signedBy(client), ...to(ourRsa), "--encrypt", "--output", `${path}.gpg`, path]);
    const handle = await open(`${path}.gpg`);
    try {
      const { size: sizeBytes } = await handle.stat();
      const unwrapped = await unwrap(
        {
          sizeBytes,
          async read(offset, length) {
            const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, sizeBytes - offset)));
            await handle.read(buffer, 0, buffer.length, offset);
            return buffer;
          },
        },
        withKeys(),
      );
      if (unwrapped.kind !== "pgp") throw new Error("not a message");
      const before = process.memoryUsage().rss;
      let bytes = 0;
      let most = before;
      for await (const chunk of unwrapped.open()) {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().rss);
      }
      expect(bytes).toBe(parts * lines.length);
      expect(unwrapped.signedBy()).toBe(client.fingerprint);
      expect(most - before).toBeLessThan(100 * 1024 * 1024);
    } finally {
      await handle.close();
      await rm(path);
      await rm(`${path}.gpg`);
    }
  });
});

describe("a message by gpg is refused", () => {
  const refused = (bytes: Uint8Array, code: string, options = withKeys()) =>
    expect(opened(bytes, options)).rejects.toMatchObject({ name: "InvalidInput", code });

  it("for another key, with the names of both", async () => {
    const { output } = await gpg.run([...signedBy(client), ...to(stranger), "--encrypt"], DATA);
    await expect(opened(output)).rejects.toMatchObject({
      code: "pgp_other_key",
      message: expect.stringContaining(ourOwn.fingerprint),
      context: { encryptedFor: [expect.stringMatching(/^[0-9A-F]{16}$/)] },
    });
  });

  it("for other keys that are hidden", async () => {
    const args = ["--throw-keyids", ...to(stranger, client), "--encrypt"];
    await refused((await gpg.run(args, DATA)).output, "pgp_other_key");
  });

  it("when there is no key at all", async () => {
    const message = await encrypted();
    await refused(message, "pgp_keys_missing", { limits: LIMITS });
    await refused(message, "pgp_keys_missing", withKeys({ privateKeys: [] }));
  });

  it("with a password instead of a key", async () => {
    const args = ["--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric"];
    await refused((await gpg.run(args, DATA)).output, "pgp_password");
  });

  it("not signed, though required", async () => {
    await refused((await gpg.run([...to(ourOwn), "--encrypt"], DATA)).output, "pgp_unsigned");
  });

  it("signed by a stranger, with the stranger's key id", async () => {
    const { output } = await gpg.run([...signedBy(stranger), ...to(ourOwn), "--encrypt"], DATA);
    await expect(opened(output)).rejects.toMatchObject({
      code: "pgp_signer_unknown",
      message: expect.stringContaining(stranger.fingerprint.slice(-16)),
    });
  });

  it("signed with a key that has expired since, also when no signature is required", async () => {
    const old = await gpg.makeKey({ name: "old", algorithm: "ed25519", expires: "1d", at: "20200101T000000" });
    const then = ["--faked-system-time", "20200101T010000!"];
    const { output: signed } = await gpg.run([...then, ...signedBy(old), "-z", "0"], DATA);
    // What gpg signed then, encrypted to us now, as one message.
    const message = await gpg.run([...then, ...signedBy(old), ...to(await validThen()), "--encrypt"], DATA);
    expect(signed.length).toBeGreaterThan(0);
    const keys = { privateKeys: [(await validThen()).privateKey], publicKeys: [old.publicKey] };
    await refused(message.output, "pgp_signer_expired", withKeys(keys));
    await refused(message.output, "pgp_signer_expired", withKeys({ ...keys, signature: "accept" }));
  });

  it("signed with a key that was revoked", async () => {
    const gone = await gpg.makeKey({ name: "gone", algorithm: "ed25519" });
    const { output } = await gpg.run([...signedBy(gone), ...to(ourOwn), "--encrypt"], DATA);
    await opened(output, withKeys({ publicKeys: [gone.publicKey] }));
    const folder = join(gpg.home, "openpgp-revocs.d");
    const [file] = (await readdir(folder)).filter((name) => name.startsWith(gone.fingerprint));
    await gpg.importKey((await readFile(join(folder, file!), "utf8")).replace(":-----BEGIN", "-----BEGIN"));
    const publicKey = await gpg.exportPublic(gone.fingerprint);
    expect(await readPgpKey(publicKey)).toMatchObject({ isRevoked: true, canEncrypt: false, canSign: false });
    await refused(output, "pgp_signer_revoked", withKeys({ publicKeys: [publicKey] }));
  });

  it("signed with SHA-1", async () => {
    await refused(await encrypted(["--digest-algo", "SHA1"]), "pgp_signature_weak");
  });

  it.each([
    ["signed only", async () => (await gpg.run(signedBy(client), DATA)).output, "pgp_not_encrypted"],
    ["signed in the clear", async () => (await clearSigned("a,b\n1,2\n")).output, "pgp_not_encrypted"],
    ["packed only", async () => (await gpg.run(["--store"], DATA)).output, "pgp_not_encrypted"],
    [
      "a signature alone",
      async () => (await gpg.run(["--local-user", client.fingerprint, "--detach-sign"], DATA)).output,
      "pgp_no_message",
    ],
    [
      "an armoured signature alone",
      async () => (await gpg.run(["--local-user", client.fingerprint, "--armor", "--detach-sign"], DATA)).output,
      "pgp_no_message",
    ],
    ["a public key", async () => Buffer.from(client.publicKey), "pgp_no_message"],
    ["a binary public key", async () => (await gpg.run(["--export", client.fingerprint])).output, "pgp_no_message"],
    ["a private key", async () => Buffer.from(client.privateKey), "pgp_no_message"],
  ] as const)("%s", async (_, make, code) => await refused(await make(), code));

  it("within another message", async () => {
    const inner = await encrypted();
    await refused(await encrypted([], inner), "pgp_layers");
    await refused(await encrypted([], await encrypted(["--armor"])), "pgp_layers");
  });

  it("twice in one file", async () => {
    const message = await encrypted();
    await refused(Buffer.concat([message, message]), "pgp_damaged");
    const armoured = await encrypted(["--armor"]);
    await refused(Buffer.concat([armoured, armoured]), "pgp_damaged");
  });

  describe.each([
    ["packed", []],
    ["not packed", ["-z", "0"]],
  ] as const)("changed on its way, %s", (_, args) => {
    it.each([
      ["early", 0.001],
      ["at a third", 0.33],
      ["late", 0.9],
    ] as const)("%s", async (_when, part) => {
      const message = await encrypted(args);
      const body = message.length - 400;
      const changed = flipped(message, 360 + Math.floor(body * part));
      await refused(changed, "pgp_tampered", withKeys({ signature: "accept" }));
    });

    it("in each of its last bytes", async () => {
      const message = await encrypted(args, Buffer.from("id\n1\n"));
      for (let fromEnd = 1; fromEnd <= 22; fromEnd += 1) {
        await refused(flipped(message, message.length - fromEnd), "pgp_tampered", withKeys({ signature: "accept" }));
      }
    });

    it.each([0.3, 0.9, 0.99, 1])("cut off at %d", async (part) => {
      const message = await encrypted(args);
      await refused(
        message.subarray(0, Math.min(message.length - 1, Math.floor(message.length * part))),
        "pgp_damaged",
      );
    });
  });

  it("armoured and cut off, or with signs that do not belong there", async () => {
    const text = (await encrypted(["--armor"])).toString();
    await refused(Buffer.from(text.slice(0, text.length / 2)), "pgp_damaged");
    await refused(Buffer.from(text.slice(0, -30)), "pgp_damaged");
    await refused(Buffer.from(`${text.slice(0, 4000)}€${text.slice(4000)}`), "pgp_damaged");
    expect((await opened(Buffer.from(`\ufeff\r\n${text.replaceAll("\n", "\r\n")}\r\n \r\n`))).data.equals(DATA)).toBe(
      true,
    );
  });

  it("larger than is taken, or a bomb", async () => {
    const message = await encrypted();
    const limited = { ...withKeys(), limits: { totalBytes: DATA.length - 1 } };
    await refused(message, "file_too_large", limited);
    await opened(message, { ...withKeys(), limits: { totalBytes: DATA.length } });
    await refused(await encrypted(["--compress-algo", "zlib"], Buffer.alloc(80_000_000)), "pgp_bomb");
    await refused(await encrypted(["--compress-algo", "bzip2"], Buffer.alloc(80_000_000)), "pgp_bomb");
  });

  let then: GnuPgKey | undefined;
  const validThen = async () => {
    then ??= await gpg.makeKey({ name: "then", algorithm: "ed25519", expires: "20y", at: "20191231T000000" });
    return then;
  };
  const clearSigned = (text: string) => gpg.run(["--local-user", client.fingerprint, "--clear-sign"], text);
});

describe("a message for gpg", () => {
  const wrapped = async (as: Partial<Extract<WrapAs, { as: "pgp" }>>) =>
    await collect(
      wrap(streamOf(DATA), {
        name: "PURL_data.csv",
        sizeBytes: DATA.length,
        modifiedAt: new Date("2026-11-20T09:00:00Z"),
        as: { as: "pgp", recipients: [client.publicKey], signWith: ourOwn.privateKey, armor: false, ...as },
      }),
    );

  it.each([false, true])("is decrypted and verified, armoured %s", async (armor) => {
    const message = await wrapped({ armor });
    expect(message.toString("latin1", 0, 27) === "-----BEGIN PGP MESSAGE-----").toBe(armor);
    const { output, status } = await gpg.run(["--decrypt"], message);
    expect(output.equals(DATA)).toBe(true);
    expect(status).toContain(`VALIDSIG ${ourOwn.fingerprint}`);
    expect(status).toContain("GOODMDC");
    // Packed, as gpg does it.
    expect(message.length).toBeLessThan(DATA.length / 2);
    expect(status).toMatch(/PLAINTEXT \S+ 1795165200 PURL_data.csv/);
  });

  it.each([
    ["RSA", () => ourRsa],
    ["Curve25519", () => stranger],
    ["NIST P-256", () => ourNist],
  ] as const)("to a key of %s", async (_, key) => {
    const { output } = await gpg.run(["--decrypt"], await wrapped({ recipients: [key().publicKey] }));
    expect(output.equals(DATA)).toBe(true);
  });

  it("signed with an RSA key of ours", async () => {
    const { status } = await gpg.run(["--decrypt"], await wrapped({ signWith: ourRsa.privateKey }));
    expect(status).toContain(`VALIDSIG ${ourRsa.fingerprint}`);
  });

  it("to several, each of whom can read it, and not signed", async () => {
    const message = await wrapped({ recipients: [client.publicKey, stranger.publicKey], signWith: undefined });
    for (const key of [client, stranger]) {
      const other = await openGnuPg();
      try {
        await other.run(["--pinentry-mode", "loopback", "--passphrase", "", "--import"], key.privateKey);
        const { output, status } = await other.run(["--decrypt"], message);
        expect(output.equals(DATA)).toBe(true);
        expect(status).not.toContain("SIG");
      } finally {
        await other.close();
      }
    }
  });

  it("is not made for a key that has expired or was made for signatures alone", async () => {
    const old = await gpg.makeKey({ name: "lapsed", algorithm: "ed25519", expires: "1d", at: "20200101T000000" });
    await expect(wrapped({ recipients: [client.publicKey, old.publicKey] })).rejects.toMatchObject({
      name: "Misconfigured",
      code: "pgp_recipient_expired",
      message: expect.stringContaining(`${old.fingerprint} to encrypt to expired on 2020-01-02`),
    });
    await expect(wrapped({ recipients: [] })).rejects.toMatchObject({ code: "pgp_recipient_missing" });
    await expect(wrapped({ recipients: ["nonsense"] })).rejects.toMatchObject({
      name: "Misconfigured",
      code: "pgp_key_unreadable",
    });
  });
});

describe("keys by gpg", () => {
  it("are read as people know them", async () => {
    expect(await readPgpKey(client.publicKey)).toMatchObject({
      fingerprint: client.fingerprint,
      userId: "client <client@example.com>",
      algorithm: "RSA 3072",
      isPrivate: false,
      canEncrypt: true,
      canSign: true,
    });
    expect((await readPgpKey(stranger.publicKey)).algorithm).toBe("Curve25519");
    expect((await readPgpKey(ourNist.privateKey)).algorithm).toBe("NIST P-256");
    const binary = await gpg.run(["--export", client.fingerprint]);
    expect((await readPgpKey(binary.output)).fingerprint).toBe(client.fingerprint);
    const days = ((await readPgpKey(client.publicKey)).expiresAt!.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(363);
    expect(days).toBeLessThan(367);
  });

  it("that are weak, or several in one file, are refused", async () => {
    const weak = await gpg.makeKey({ name: "weak", algorithm: "rsa1024" });
    await expect(readPgpKey(weak.publicKey)).rejects.toMatchObject({ code: "pgp_key_weak" });
    const two = (await gpg.run(["--armor", "--export", client.fingerprint, stranger.fingerprint])).output.toString();
    await expect(readPgpKey(two)).rejects.toMatchObject({ code: "pgp_key_several" });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
}
