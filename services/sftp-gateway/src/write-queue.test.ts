import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WriteQueue } from "./write-queue.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet write queue "));
});
afterAll(() => rm(folder, { recursive: true }));

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();

/** Writes pieces of `bytes` at their places, in the order given, without waiting in between. */
async function writePieces(
  name: string,
  bytes: Buffer,
  ranges: [number, number][],
  mayWrite: () => Promise<void> = async () => {},
) {
  const path = join(folder, name);
  const file = await open(path, "w+");
  const queue = new WriteQueue(file, { fromEmpty: true, mayWrite });
  const writes = ranges.map(([from, to]) => queue.write(from, bytes.subarray(from, to)));
  const outcomes = await Promise.allSettled(writes);
  await queue.drain();
  await file.close();
  return { queue, outcomes, content: await readFile(path) };
}

test("pieces in order are the file, with its hash", async () => {
  const bytes = randomBytes(9_000_000);
  const ranges = Array.from({ length: 900 }, (_, n) => [n * 10_000, (n + 1) * 10_000] as [number, number]);
  const { queue, content } = await writePieces("in-order", bytes, ranges);
  expect(content.equals(bytes)).toBe(true);
  expect(queue.digest(bytes.length)).toEqual(sha256(bytes));
});

test("pieces out of order are the file, without a hash", async () => {
  const bytes = randomBytes(60_000);
  const { queue, content } = await writePieces("shuffled", bytes, [
    [20_000, 40_000],
    [0, 20_000],
    [40_000, 60_000],
  ]);
  expect(content.equals(bytes)).toBe(true);
  expect(queue.digest(bytes.length)).toBeNull();
});

test("a piece that is written twice has no hash, an empty file has one", async () => {
  const bytes = randomBytes(100);
  const twice = await writePieces("twice", bytes, [
    [0, 100],
    [50, 100],
  ]);
  expect(twice.content.equals(bytes)).toBe(true);
  expect(twice.queue.digest(100)).toBeNull();
  const empty = await writePieces("empty", bytes, []);
  expect(empty.queue.digest(0)).toEqual(sha256(Buffer.alloc(0)));
});

test("a size that is not the one that was written has no hash", async () => {
  const { queue } = await writePieces("longer", randomBytes(100), [[0, 100]]);
  expect(queue.digest(101)).toBeNull();
});

test("after a cut to nothing the hash begins anew, after another cut there is none", async () => {
  const bytes = randomBytes(100);
  for (const [size, hash] of [
    [0, sha256(Buffer.alloc(0))],
    [50, null],
  ] as const) {
    const { queue } = await writePieces("cut", bytes, [[0, 100]]);
    queue.resized(size);
    expect(queue.digest(size)).toEqual(hash);
  }
});

test("once it may not write, nothing is written any more, for one and the same reason", async () => {
  const bytes = Buffer.from("abcdef");
  let asked = 0;
  const mayWrite = async () => {
    asked += 1;
    if (asked === 2) throw new Error("overtaken");
  };
  const { queue, outcomes, content } = await writePieces(
    "fenced",
    bytes,
    [
      [0, 2],
      [4, 6],
      [2, 4],
    ],
    mayWrite,
  );
  expect(outcomes.map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : "written"))).toEqual([
    "written",
    "Error: overtaken",
    "Error: overtaken",
  ]);
  expect(content.toString()).toBe("ab");
  expect(queue.broken).toEqual(new Error("overtaken"));
});
