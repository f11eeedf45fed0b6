import { expect, it } from "vitest";
import { EntryTable, readLong, writeLong } from "./entries.ts";
import { readerOf } from "./hostile-file.test-kit.ts";

it("finds the first entry above any number, in memory and read from a file, also among equal ones", async () => {
  const numbers = Array.from({ length: 1500 }, (_, i) => Math.floor(i / 3) * 2 + (i > 900 ? 2 ** 40 : 0));
  const bytes = Buffer.alloc(numbers.length * 8);
  for (const [i, number] of numbers.entries()) writeLong(bytes, i * 8, number);
  const held = new EntryTable(bytes, 8);
  const paged = new EntryTable({ sizeBytes: bytes.length, read: readerOf(bytes) }, 8);
  for (const number of numbers) {
    for (const key of [number - 1, number]) {
      const above = numbers.findIndex((other) => other > key);
      const expected = above === -1 ? numbers.length : above;
      expect(await held.firstAbove(key, readLong)).toBe(expected);
      expect(await paged.firstAbove(key, readLong)).toBe(expected);
    }
  }
  expect(await new EntryTable(Buffer.alloc(0), 8).firstAbove(0, readLong)).toBe(0);
  expect((await paged.read(1498, 10)).length).toBe(16);
});
