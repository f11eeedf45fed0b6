import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Blobs, openBlobs } from "./blobs.ts";

let folder: string;
let blobs: Blobs;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-blobs-"));
  blobs = openBlobs(folder);
});
afterEach(() => rm(folder, { recursive: true }));

test("a blob is invisible until it is finished, and whole afterwards", async () => {
  const writer = await blobs.create("acme/1/source");
  const small = Buffer.from("small ");
  const large = Buffer.alloc(700_000, "x");
  await writer.write(small);
  await writer.write(large);
  await writer.write(small);
  await expect(blobs.open("acme/1/source")).rejects.toThrow(/missing/);

  const stored = await writer.finish();
  const expected = Buffer.concat([small, large, small]);
  expect(stored.sizeBytes).toBe(expected.length);
  expect(stored.sha256).toEqual(createHash("sha256").update(expected).digest());
  expect(await readFile(join(folder, "acme/1/source"))).toEqual(expected);
});

test("an aborted blob leaves nothing, and the earlier one as it was", async () => {
  await blobs.put("acme/1/result", Buffer.from("first"));
  const writer = await blobs.create("acme/1/result");
  await writer.write(Buffer.from("second"));
  await writer.abort();
  expect(await readdir(join(folder, "acme/1"))).toEqual(["result"]);
  expect(await readFile(join(folder, "acme/1/result"), "utf8")).toBe("first");
});

test("reads give the bytes asked for, and fewer at the end", async () => {
  await blobs.put("acme/1/plain", Buffer.from("0123456789"));
  const reader = await blobs.open("acme/1/plain");
  expect((await reader.read(3, 4)).toString()).toBe("3456");
  expect((await reader.read(8, 10)).toString()).toBe("89");
  expect((await reader.read(20, 10)).length).toBe(0);
  const chunks = await reader.stream({ start: 2, end: 6, chunkBytes: 3 }).toArray();
  expect(Buffer.concat(chunks).toString()).toBe("2345");
  await reader.close();
});

test.each([
  [0, 100_000, 30_000],
  [1, 99_999, 7_001],
  [5, 5, 10],
  [99_990, 200_000, 1],
  [0, 100_000, 100_000],
  [0, 100_000, 1_000_000],
])("lent chunks from %i to %i in parts of %i are the blob's bytes", async (start, end, chunkBytes) => {
  const bytes = randomBytes(100_000);
  await blobs.put("acme/9/large", bytes);
  const reader = await blobs.open("acme/9/large");
  const copies: Buffer[] = [];
  for await (const chunk of reader.lentChunks({ start, end, chunkBytes })) copies.push(Buffer.from(chunk));
  await reader.close();
  expect(Buffer.concat(copies).equals(bytes.subarray(start, end))).toBe(true);
});

test("a reader that leaves lent chunks early can close the file at once", async () => {
  await blobs.put("acme/9/large", Buffer.alloc(1_000_000));
  const reader = await blobs.open("acme/9/large");
  for await (const _chunk of reader.lentChunks({ chunkBytes: 1_000 })) break;
  await reader.close();
});

test("a reader that leaves a stream early can open the next one", async () => {
  await blobs.put("acme/1/plain", Buffer.alloc(100_000, "x"));
  const reader = await blobs.open("acme/1/plain");
  for await (const _chunk of reader.stream({ chunkBytes: 1_000 })) break;
  expect((await reader.stream().toArray()).reduce((sum, chunk) => sum + chunk.length, 0)).toBe(100_000);
  await reader.close();
});

test("an adopted file is the same file, and adopting it twice changes nothing", async () => {
  const path = join(folder, "arrived");
  await writeFile(path, "bytes");
  await blobs.adopt("acme/2/source", path);
  await blobs.adopt("acme/2/source", path);
  expect(await readFile(join(folder, "acme/2/source"), "utf8")).toBe("bytes");
  expect(await readdir(join(folder, "acme/2"))).toEqual(["source"]);
});

test.each(["../1/x", "acme/1/../../x", "/etc/passwd", "acme/x/y", "acme/1/.hidden/x"])("%s is no key", async (key) => {
  await expect(async () => await blobs.create(key)).rejects.toThrow(/no key/);
});

test("removing a batch removes its folder and no other", async () => {
  await blobs.put("acme/1/source", Buffer.from("a"));
  await blobs.put("acme/12/source", Buffer.from("b"));
  await blobs.remove("acme/1");
  expect(await readdir(join(folder, "acme"))).toEqual(["12"]);
});

test("a copy is a file of its own, and never replaces one", async () => {
  await blobs.put("acme/1/result", Buffer.from("ours"));
  const path = join(folder, "copy");
  await blobs.copyTo("acme/1/result", path);
  await writeFile(path, "theirs", { flag: "r+" });
  expect(await readFile(join(folder, "acme/1/result"), "utf8")).toBe("ours");
  await expect(blobs.copyTo("acme/1/result", path)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(blobs.copyTo("acme/2/result", join(folder, "b"))).rejects.toThrow(/missing/);
  await expect(blobs.copyTo("acme/1/result", join(folder, "no/b"))).rejects.toMatchObject({ code: "ENOENT" });
});

test.each([0, 1, 5_000, 256 * 1024, 256 * 1024 + 1, 900_000])(
  "a blob of %i bytes in pieces is what was written",
  async (size) => {
    const bytes = randomBytes(size);
    const writer = await blobs.create("acme/1/result");
    for (let at = 0; at < size; at += 3_000) await writer.write(bytes.subarray(at, at + 3_000));
    expect(await writer.finish()).toEqual({
      key: "acme/1/result",
      sizeBytes: size,
      sha256: createHash("sha256").update(bytes).digest(),
    });
    const reader = await blobs.open("acme/1/result");
    const chunks: Buffer[] = [];
    for await (const chunk of reader.chunks({ chunkBytes: 70_000 })) chunks.push(chunk);
    await reader.close();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await readdir(join(folder, "acme/1"))).toEqual(["result"]);
  },
);

test("many blobs that are finished at once in one folder are all there", async () => {
  await Promise.all(Array.from({ length: 40 }, (_, n) => blobs.put(`acme/1/part_${n}`, Buffer.from(`${n}`))));
  expect(await readdir(join(folder, "acme/1"))).toHaveLength(40);
});

test("a writer that is given up while it finishes shares its memory with no other", async () => {
  const some = (letter: string) => Buffer.alloc(20_000, letter);
  const givenUp = await blobs.create("acme/7/source");
  await givenUp.write(some("x"));
  // As when another file of the same step met a full disk.
  await Promise.allSettled([givenUp.finish(), givenUp.abort()]);

  const writers = await Promise.all(["a", "b"].map(async (letter) => await blobs.create(`acme/8/${letter}`)));
  for (const [place, writer] of writers.entries()) await writer.write(some("ab"[place]!));
  await Promise.all(writers.map((writer) => writer.finish()));
  expect(some("a").equals(await readFile(join(folder, "acme/8/a")))).toBe(true);
  expect(some("b").equals(await readFile(join(folder, "acme/8/b")))).toBe(true);
});

test("what was to be written after a writer was given up goes nowhere", async () => {
  const givenUp = await blobs.create("acme/7/source");
  await givenUp.write(Buffer.alloc(200_000, "x"));
  const late = givenUp.write(Buffer.alloc(100_000, "x"));
  const aborted = givenUp.abort();
  const other = await blobs.create("acme/8/other");
  await other.write(Buffer.alloc(150_000, "o"));
  await Promise.allSettled([late, aborted]);
  await other.finish();
  expect(Buffer.alloc(150_000, "o").equals(await readFile(join(folder, "acme/8/other")))).toBe(true);
  expect(await readdir(join(folder, "acme/7"))).toEqual([]);
});

test("a blob that cannot get into its place leaves nothing of itself", async () => {
  await mkdir(join(folder, "acme/1/result/in_the_way"), { recursive: true });
  await expect(blobs.put("acme/1/result", Buffer.from("new"))).rejects.toMatchObject({ code: "EISDIR" });
  expect(await readdir(join(folder, "acme/1"))).toEqual(["result"]);
});

async function* patches(...all: [offset: number, text: string][]) {
  for (const [offset, text] of all) yield { offset, bytes: Buffer.from(text) };
}

test("bytes are overwritten in their place, also for those who have the file open", async () => {
  const bytes = Buffer.alloc(3_000_000, "a");
  await blobs.put("acme/1/plain", bytes);
  const reader = await blobs.open("acme/1/plain");
  const stored = await blobs.overwrite("acme/1/plain", patches([5, "xx"], [2_999_999, "x"]));
  bytes.write("xx", 5);
  bytes.write("x", 2_999_999);
  expect(stored).toEqual({
    key: "acme/1/plain",
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest(),
  });
  expect(Buffer.concat(await reader.stream().toArray()).equals(bytes)).toBe(true);
  await reader.close();
  expect(await readdir(join(folder, "acme/1"))).toEqual(["plain"]);
  await expect(blobs.overwrite("acme/1/plain", patches([2_999_999, "xx"]))).rejects.toThrow(/byte 2999999/);
  await expect(blobs.overwrite("acme/2/plain", patches())).rejects.toThrow(/missing/);
});

test("what is overwritten stays under its other names", async () => {
  await blobs.put("acme/1/source", Buffer.from("secret"));
  await blobs.share("acme/1/source", "acme/2/source");
  await blobs.overwrite("acme/1/source", patches([0, "xxxxxx"]));
  expect(await readFile(join(folder, "acme/1/source"), "utf8")).toBe("xxxxxx");
  expect(await readFile(join(folder, "acme/2/source"), "utf8")).toBe("secret");
  expect(await readdir(join(folder, "acme/1"))).toEqual(["source"]);
});
