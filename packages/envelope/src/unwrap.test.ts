import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import {
  BlobWriter,
  configure,
  TextReader,
  Uint8ArrayReader,
  ZipWriter,
  type ZipWriterAddDataOptions,
} from "@zip.js/zip.js";
import { describe, expect, it } from "vitest";
import { collect, fileOf } from "./testing/streams.ts";
import { unwrap } from "./unwrap.ts";

configure({ useWebWorkers: false });

const LIMITS = { limits: { totalBytes: 1024 ** 3 } };

type Content = string | Uint8Array;

async function zipOf(entries: Record<string, Content>, options: ZipWriterAddDataOptions = {}): Promise<Uint8Array> {
  const writer = new ZipWriter(new BlobWriter(), { level: 6 });
  for (const [name, content] of Object.entries(entries)) {
    const reader = typeof content === "string" ? new TextReader(content) : new Uint8ArrayReader(content);
    await writer.add(name, name.endsWith("/") ? undefined : reader, options);
  }
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

async function contentOf(bytes: Uint8Array, { limits } = LIMITS): Promise<{ name: string; text: string }> {
  const unwrapped = await unwrap(fileOf(bytes), { limits });
  if (unwrapped.kind !== "zip") throw new Error("not a ZIP");
  const [file] = unwrapped.files;
  const chunks: Uint8Array[] = [];
  for await (const chunk of file!.open()) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  expect(all).toHaveLength(file!.sizeBytes);
  return { name: file!.name, text: all.toString() };
}

const refusedWith = (code: string) => expect.objectContaining({ name: "InvalidInput", code });

describe("what a file is", () => {
  it.each(["id,name\n1,a\n", "", "PK is a country", "BZhello;x\n"])("%j is plain", async (text) => {
    expect(await unwrap(fileOf(Buffer.from(text)), LIMITS)).toEqual({ kind: "plain" });
  });

  it.each([
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ["7-Zip", Buffer.from("377abcaf271c0004", "hex")],
    ["old Excel workbook", Buffer.from("d0cf11e0a1b11ae1", "hex")],
    ["PDF", Buffer.from("%PDF-1.7")],
  ])("a %s is refused by its name", async (name, bytes) => {
    await expect(unwrap(fileOf(bytes), LIMITS)).rejects.toMatchObject({
      code: "container_unsupported",
      message: expect.stringContaining(name),
    });
  });
});

describe("a ZIP of one data file", () => {
  it.each([
    ["deflated", {}],
    ["stored", { level: 0 }],
    ["ZIP64", { zip64: true }],
    ["with a data descriptor", { dataDescriptor: true }],
  ] as const)("%s", async (_, options) => {
    expect(await contentOf(await zipOf({ "data.csv": "id\n1\n" }, options))).toEqual({
      name: "data.csv",
      text: "id\n1\n",
    });
  });

  it("may have folders and what operating systems add", async () => {
    const bytes = await zipOf({
      "export/": "",
      "export/2026 sales.tsv": "a\tb\n",
      "export/.DS_Store": "x",
      "__MACOSX/export/._2026 sales.tsv": "x",
      "Thumbs.db": "x",
    });
    expect(await contentOf(bytes)).toEqual({ name: "2026 sales.tsv", text: "a\tb\n" });
  });

  it("has a name that is never a path", async () => {
    expect((await contentOf(await zipOf({ "a\\b\\c\u0007.csv": "x" }))).name).toBe("c.csv");
  });

  it("streams in small reads", async () => {
    const big = Buffer.alloc(20_000_000);
    for (let i = 0; i < big.length; i += 4) big.writeUInt32LE(Math.imul(i, 0x9e3779b1) >>> 0, i);
    const file = fileOf(await zipOf({ "big.dat": big }));
    const unwrapped = await unwrap(file, LIMITS);
    let sizeBytes = 0;
    if (unwrapped.kind === "zip") for await (const chunk of unwrapped.files[0]!.open()) sizeBytes += chunk.length;
    expect(sizeBytes).toBe(big.length);
    expect(Math.max(...file.reads)).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("a ZIP of several data files", () => {
  it("gives each of them, in its order", async () => {
    const bytes = await zipOf({ "b.csv": "1\n", "folder/a.csv": "2\n", "__MACOSX/._b.csv": "x" });
    const unwrapped = await unwrap(fileOf(bytes), LIMITS);
    if (unwrapped.kind !== "zip") throw new Error("not a ZIP");
    const found: [string, string][] = [];
    for (const file of unwrapped.files) found.push([file.name, (await collect(file.open())).toString()]);
    expect(found).toEqual([
      ["b.csv", "1\n"],
      ["a.csv", "2\n"],
    ]);
    // In any order, and more than once.
    for (const index of [1, 0, 0]) await collect(unwrapped.files[index]!.open());
  });

  it("is as large as they are together", async () => {
    const bytes = await zipOf({ "a.csv": "x".repeat(600), "b.csv": "y".repeat(600) });
    expect(await unwrap(fileOf(bytes), { limits: { totalBytes: 1200 } })).toMatchObject({ kind: "zip" });
    await expect(unwrap(fileOf(bytes), { limits: { totalBytes: 1199 } })).rejects.toEqual(
      refusedWith("file_too_large"),
    );
    await expect(unwrap(fileOf(bytes), { limits: { totalBytes: 1200, files: 1 } })).rejects.toEqual(
      refusedWith("zip_many_files"),
    );
  });
});

describe("a ZIP with a password", () => {
  const secret = { ...LIMITS, zipPassword: "open sesame" };

  it.each([
    ["AES-256", {}],
    ["AES-128", { encryptionStrength: 1 }],
    ["ZipCrypto", { zipCrypto: true }],
  ] as const)("opens with it: %s", async (_, options) => {
    const bytes = await zipOf({ "a.csv": "id\n1\n", "b.csv": "2\n" }, { password: "open sesame", ...options });
    const unwrapped = await unwrap(fileOf(bytes), secret);
    if (unwrapped.kind !== "zip") throw new Error("not a ZIP");
    expect(unwrapped.isEncrypted).toBe(true);
    expect((await collect(unwrapped.files[0]!.open())).toString()).toBe("id\n1\n");
  });

  it("is refused before anything is read, when the password is another", async () => {
    const bytes = await zipOf({ "a.csv": "id\n1\n" }, { password: "other" });
    await expect(unwrap(fileOf(bytes), secret)).rejects.toEqual(refusedWith("zip_password_wrong"));
  });

  it("need not have one", async () => {
    expect(await unwrap(fileOf(await zipOf({ "a.csv": "1" })), secret)).toMatchObject({ isEncrypted: false });
  });
});

describe("a ZIP is refused", () => {
  it.each<[string, () => Promise<Uint8Array>]>([
    ["zip_empty", () => zipOf({})],
    ["zip_duplicate_name", () => zipOf({ "a/x.csv": "1", "b/x.csv": "2" })],
    ["zip_duplicate_name", () => zipOf({ "x.csv": "1", "X.CSV": "2" })],
    ["zip_unsafe_name", () => zipOf({ "../x.csv": "1" })],
    ["zip_unsafe_name", () => zipOf({ "a/../../x.csv": "1" })],
    ["zip_unsafe_name", () => zipOf({ "..\\x.csv": "1" })],
    ["zip_unsafe_name", () => zipOf({ "/etc/passwd": "1" })],
    ["zip_unsafe_name", () => zipOf({ "C:\\x.csv": "1" })],
    ["zip_unsafe_name", () => zipOf({ "\\\\host\\x.csv": "1" })],
    ["zip_symlink", () => zipOf({ "a.csv": "/etc/passwd" }, { unixMode: 0o120777 })],
    ["zip_many_files", () => zipOf(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`${i}.csv`, "1"])))],
    [
      "zip_overlapping",
      async () => overlapping(await zipOf({ "a.csv": "1,2\n".repeat(99), "b.csv": "3,4\n".repeat(99) })),
    ],
    ["zip_nested", async () => zipOf({ "a.csv": Buffer.from("-----BEGIN PGP MESSAGE-----\n\n") })],
    ["zip_empty", () => zipOf({ "folder/": "", "__MACOSX/._x": "y" })],
    ["zip_password_missing", () => zipOf({ "a.csv": "id\n1\n" }, { password: "secret" })],
    ["zip_password_missing", () => zipOf({ "a.csv": "id\n1\n" }, { password: "secret", zipCrypto: true })],
    ["zip_nested", async () => zipOf({ "a.zip": await zipOf({ "b.csv": "1" }) })],
    ["zip_nested", () => zipOf({ "a.csv": new Uint8Array([0x1f, 0x8b, 8, 0, 0]) })],
    ["excel_workbook", () => zipOf({ "[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>" })],
    ["zip_damaged", async () => (await zipOf({ "a.csv": "id\n1\n" })).slice(0, -10)],
    ["zip_damaged", async () => flipped(await zipOf({ "a.csv": "id\n".repeat(50) }, { level: 0 }), 60)],
    ["zip_damaged", async () => Buffer.concat([await zipOf({ "a.csv": "1" }), await zipOf({ "a.csv": "2" })])],
    ["zip_damaged", async () => lying(await zipOf({ "a.csv": "id\n".repeat(5000) }))],
    [
      "zip_many_entries",
      () => zipOf(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`__MACOSX/${i}`, ""]))),
    ],
  ])("%s", async (code, make) => {
    const bytes = await make();
    await expect(contentOf(bytes)).rejects.toEqual(refusedWith(code));
  });

  it("when it claims, or turns out, to be too large", async () => {
    const bytes = await zipOf({ "a.csv": "x".repeat(2000) });
    await expect(contentOf(bytes, { limits: { totalBytes: 1999 } })).rejects.toEqual(refusedWith("file_too_large"));
    expect((await contentOf(bytes, { limits: { totalBytes: 2000 } })).text).toHaveLength(2000);
  });

  it("when it is a bomb, without unpacking it all", async () => {
    const zeros = Buffer.alloc(1024 ** 3 / 4);
    expect(zeros.length / deflateRawSync(zeros).length).toBeGreaterThan(900);
    const file = fileOf(await zipOf({ "a.csv": zeros }));
    await expect(unwrap(file, LIMITS)).rejects.toEqual(refusedWith("zip_bomb"));
    expect(file.reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(file.sizeBytes);
  });
});

describe("a bomb beside an honest file", () => {
  it("is found when it is unpacked", async () => {
    const honest = randomBytes(400_000);
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const unwrapped = await unwrap(fileOf(await zipOf({ "honest.csv": honest, "zeros.csv": zeros })), LIMITS);
    if (unwrapped.kind !== "zip") throw new Error("not a ZIP");
    expect(await collect(unwrapped.files[0]!.open())).toHaveLength(honest.length);
    await expect(collect(unwrapped.files[1]!.open())).rejects.toEqual(refusedWith("zip_bomb"));
  });
});

describe("what is not the ZIP's fault", () => {
  it("an abort stops the stream with its own reason", async () => {
    const bytes = await zipOf({ "a.csv": Buffer.alloc(5_000_000, "abc,def\n") });
    const abort = new AbortController();
    const unwrapped = await unwrap(fileOf(bytes), { ...LIMITS, signal: abort.signal });
    const drain = async () => {
      if (unwrapped.kind !== "zip") return;
      for await (const _ of unwrapped.files[0]!.open()) abort.abort(new Error("stop now"));
    };
    await expect(drain()).rejects.toThrow("stop now");
  });

  it("a disk that fails is reported as it is", async () => {
    const bytes = await zipOf({ "a.csv": "id\n1\n" });
    const file = fileOf(bytes);
    const failing = {
      ...file,
      read: async (offset: number, length: number) => {
        if (offset > 0) throw new Error("disk gone");
        return await file.read(offset, length);
      },
    };
    await expect(unwrap(failing, LIMITS)).rejects.toThrow("disk gone");
  });

  it("a reader that stops early leaves nothing hanging", async () => {
    const unwrapped = await unwrap(fileOf(await zipOf({ "a.csv": Buffer.alloc(5_000_000, "x,y\n") })), LIMITS);
    if (unwrapped.kind === "zip") for await (const _ of unwrapped.files[0]!.open()) break;
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at]! ^= 1;
  return bytes;
}

/** The second entry's data is the first one's. */
function overlapping(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  const first = buffer.indexOf("PK\x01\x02", 0, "latin1");
  const second = buffer.indexOf("PK\x01\x02", first + 4, "latin1");
  buffer.writeUInt32LE(buffer.readUInt32LE(first + 42) + 1, second + 42);
  return buffer;
}

/** The central directory and the local header both claim 10 bytes. */
function lying(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  buffer.writeUInt32LE(10, buffer.indexOf("PK\x01\x02", 0, "latin1") + 24);
  return buffer;
}
