import { readSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { oftenRead } from "./often-read.ts";

const SIZE_BYTES = 300_000;
const content = Buffer.from(Array.from({ length: SIZE_BYTES }, (_, at) => (at * 7 + (at >> 8)) & 255));

let folder: string;
let handle: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(os.tmpdir(), "often-read "));
  handle = await open(join(folder, "file"), "w+");
  await handle.write(content);
});
afterEach(async () => {
  await handle.close();
  await rm(folder, { recursive: true });
});

/** A reader with a clock that stands, and how often it read in which way. */
function reader({ slowMs = 0 } = {}) {
  const made = { byPool: 0, onTheSpot: 0, nowMs: 1_000, slowMs };
  const byPool = async (offset: number, length: number) => {
    made.byPool += 1;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  const onTheSpot = ((...args: Parameters<typeof readSync>) => {
    made.onTheSpot += 1;
    made.nowMs += made.slowMs;
    return readSync(...args);
  }) as typeof readSync;
  return { made, read: oftenRead(handle, byPool, onTheSpot, () => made.nowMs) };
}

test("what was read near by lately is read on the spot, the same bytes", async () => {
  const { made, read } = reader();
  expect(await read(70_000, 4_000)).toEqual(content.subarray(70_000, 74_000));
  expect(await read(100_000, 4_000)).toEqual(content.subarray(100_000, 104_000));
  expect(made).toMatchObject({ byPool: 1, onTheSpot: 1 });
  // Over the end of what was read, and far away.
  expect(await read(130_000, 4_000)).toEqual(content.subarray(130_000, 134_000));
  expect(await read(250_000, 4_000)).toEqual(content.subarray(250_000, 254_000));
  expect(made).toMatchObject({ byPool: 3, onTheSpot: 1 });
});

test("fewer bytes come at the end, and none behind it", async () => {
  const { read } = reader();
  for (const _ of ["by the pool", "on the spot"]) {
    expect(await read(SIZE_BYTES - 10, 4_000)).toEqual(content.subarray(-10));
    expect(await read(SIZE_BYTES + 10, 4_000)).toHaveLength(0);
  }
});

test("what was changed in its place is read as it is", async () => {
  const { made, read } = reader();
  await read(70_000, 4_000);
  await handle.write(Buffer.from("blank"), 0, 5, 70_100);
  expect((await read(70_100, 5)).toString()).toBe("blank");
  expect(made.onTheSpot).toBe(1);
});

test("what was read long ago is not taken to be in memory", async () => {
  const { made, read } = reader();
  await read(0, 100);
  made.nowMs += 6 * 60_000;
  await read(0, 100);
  expect(made).toMatchObject({ byPool: 2, onTheSpot: 0 });
});

test("after some slow reads the pool reads everything for a while", async () => {
  const { made, read } = reader({ slowMs: 20 });
  for (let time = 0; time < 20; time += 1) expect(await read(0, 100)).toEqual(content.subarray(0, 100));
  expect(made).toMatchObject({ byPool: 15, onTheSpot: 5 });
  made.nowMs += 11_000;
  made.slowMs = 0;
  for (let time = 0; time < 20; time += 1) await read(0, 100);
  expect(made).toMatchObject({ byPool: 16, onTheSpot: 24 });
});

test("that a read is interrupted now and then, on a busy machine, does not matter", async () => {
  const { made, read } = reader();
  for (let time = 0; time < 1_000; time += 1) {
    made.slowMs = time % 50 === 0 ? 20 : 0;
    await read(0, 100);
  }
  expect(made.byPool).toBe(1);
});
