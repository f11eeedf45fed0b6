import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { generatePgpKey } from "./pgp/key.ts";
import { collect, fileOf, streamOf } from "./testing/streams.ts";
import { unwrap } from "./unwrap.ts";
import { type WrapAs, wrap, wrappedName } from "./wrap.ts";

const DATA = Buffer.from("id,name\r\n1,Müller\r\n".repeat(20_000));

let key: { privateKey: string; publicKey: string };
beforeAll(async () => {
  key = await generatePgpKey({ userId: { name: "us", email: "us@example.com" }, expiresInDays: 1 });
});

const WAYS: [string, () => WrapAs][] = [
  ["an open ZIP", () => ({ as: "zip", encryption: "aes256" })],
  ["a ZIP with AES", () => ({ as: "zip", encryption: "aes256", password: "open sesame" })],
  ["a ZIP with ZipCrypto", () => ({ as: "zip", encryption: "zipcrypto", password: "open sesame" })],
  ["OpenPGP", () => ({ as: "pgp", recipients: [key.publicKey], signWith: key.privateKey, armor: false })],
  ["armoured OpenPGP", () => ({ as: "pgp", recipients: [key.publicKey], signWith: undefined, armor: true })],
];

const wrapped = (source: AsyncIterable<Uint8Array>, as: WrapAs, sizeBytes: number, name = "PURL_data.csv") =>
  wrap(source, { name, sizeBytes, modifiedAt: new Date("2026-11-20T09:00:00Z"), as });

describe.each(WAYS)("what is wrapped in %s", (_, way) => {
  it("comes out again, under its name", async () => {
    const bytes = await collect(wrapped(streamOf(DATA), way(), DATA.length));
    const unwrapped = await unwrap(fileOf(bytes), {
      limits: { totalBytes: 1024 ** 3 },
      zipPassword: "open sesame",
      pgp: { privateKeys: [key.privateKey], publicKeys: [key.publicKey], signature: "accept" },
    });
    if (unwrapped.kind === "plain") throw new Error("not wrapped");
    const file = unwrapped.kind === "zip" ? unwrapped.files[0]! : unwrapped;
    expect((await collect(file.open())).equals(DATA)).toBe(true);
    expect(typeof file.name === "string" ? file.name : file.name()).toBe("PURL_data.csv");
    expect(bytes.length).toBeLessThan(DATA.length);
  });

  it("has the size that was told, or is not made", async () => {
    for (const sizeBytes of [DATA.length - 1, DATA.length + 1]) {
      await expect(collect(wrapped(streamOf(DATA), way(), sizeBytes))).rejects.toMatchObject({
        name: "InvariantBroken",
        code: "wrap_size_differs",
      });
    }
  });

  it("fails as its source fails", async () => {
    const failing = async function* () {
      yield randomBytes(100_000);
      throw new Error("disk gone");
    };
    await expect(collect(wrapped(failing(), way(), DATA.length))).rejects.toThrow("disk gone");
  });

  it("is read no further than it is asked for, and let go of when nobody asks any more", async () => {
    let pulledBytes = 0;
    let isClosed = false;
    const source = async function* () {
      try {
        for (let i = 0; i < 400; i += 1) {
          pulledBytes += 100_000;
          yield randomBytes(100_000);
        }
      } finally {
        isClosed = true;
      }
    };
    for await (const chunk of wrapped(source(), way(), 40_000_000)) if (chunk.length > 1000) break;
    await expect.poll(() => isClosed).toBe(true);
    expect(pulledBytes).toBeLessThan(10_000_000);
  });
});

describe("a ZIP with an empty password", () => {
  it.each(["aes256", "zipcrypto"] as const)("is not made, rather than open to everybody: %s", async (encryption) => {
    const making = collect(wrapped(streamOf(DATA), { as: "zip", encryption, password: "" }, DATA.length));
    await expect(making).rejects.toMatchObject({ name: "Misconfigured", code: "zip_password_empty" });
  });
});

describe("a name that is a path", () => {
  it.each(WAYS.slice(0, 1))("is only its last part in %s", async (_, way) => {
    const bytes = await collect(wrapped(streamOf(DATA), way(), DATA.length, "../a/b.csv"));
    expect(bytes.includes("..")).toBe(false);
  });
});

describe("a wrapped file is called", () => {
  const zip = { as: "zip" } as const;
  it.each([
    ["PURL_data.csv", zip, "PURL_data.zip"],
    ["data", zip, "data.zip"],
    [".data", zip, ".data.zip"],
    ["a.b.tsv", zip, "a.b.zip"],
    ["PURL_data.csv", { as: "pgp", armor: false }, "PURL_data.csv.gpg"],
    ["PURL_data.csv", { as: "pgp", armor: true }, "PURL_data.csv.asc"],
  ] as const)("%s, %o: %s", (name, as, expected) => expect(wrappedName(name, as)).toBe(expected));
});
