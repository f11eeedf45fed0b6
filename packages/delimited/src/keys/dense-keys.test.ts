import fc from "fast-check";
import { expect, test } from "vitest";
import { DenseKeys } from "./dense-keys.ts";
import { NEW_KEY } from "./key-set.ts";

test("knows each key's first line, whatever the order and the sign", () => {
  const key = fc.oneof(
    fc.integer({ min: -10_000, max: 10_000 }),
    fc.maxSafeInteger().map((n) => n % 1e15),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
      const dense = new DenseKeys();
      const firstLines = new Map<number, number>();
      keys.forEach((each, index) => {
        const line = index + 1;
        expect(dense.add(each, line)).toBe(firstLines.get(each + 0) ?? NEW_KEY);
        if (!firstLines.has(each + 0)) firstLines.set(each + 0, line);
      });
      expect(dense.size).toBe(firstLines.size);
      expect(new Map([...dense.entries()].map(({ key, line }) => [key, line]))).toEqual(firstLines);
    }),
  );
});

test("numbers one after the other are not sparse, scattered ones are from 16 MB on", () => {
  const dense = new DenseKeys();
  const scattered = new DenseKeys();
  for (let n = 1; n <= 5_000_000; n += 1) dense.add(n, n);
  expect(dense.isSparse).toBe(false);
  for (let n = 1; n <= 1024; n += 1) scattered.add(n * 4096, n);
  expect(scattered.isSparse).toBe(false);
  scattered.add(1e12, 1);
  expect(scattered.isSparse).toBe(true);
});
