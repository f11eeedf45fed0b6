import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import wabt from "wabt";
import { BEYOND_ASCII, findMarks, foundMarks, marksOf, STRETCH_BYTES } from "./mark-index.ts";

const file = (name: string) => readFileSync(new URL(name, import.meta.url));

function found(marks: number[], bytes: Uint8Array, from: number, to: number): number[] {
  return [...foundMarks.subarray(0, findMarks(marksOf(marks), bytes, from, to))];
}

function naive(marks: number[], bytes: Uint8Array, from: number, to: number): number[] {
  const positions: number[] = [];
  for (let i = from; i < to; i += 1) if (marks.includes(bytes[i]!)) positions.push(i);
  return positions;
}

test("the assembled module is its source", async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("mark-index.wat", file("./mark-index.wat").toString(), { simd: true }).toBinary({});
  expect(Buffer.from(buffer).equals(file("./mark-index.wasm"))).toBe(true);
});

test("finds what a look at each byte finds, wherever a stretch begins and ends", () => {
  const few = fc.constantFrom(0, 10, 13, 34, 44, 92, 97, 236);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 8 }),
      fc.array(fc.oneof(few, fc.nat(255)), { maxLength: 400 }),
      fc.nat(70),
      fc.nat(70),
      (marks, content, skip, cut) => {
        const bytes = Uint8Array.from(content);
        const from = Math.min(skip, bytes.length);
        const to = Math.max(from, bytes.length - cut);
        expect(found(marks, bytes, from, to)).toEqual(naive(marks, bytes, from, to));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["every byte of a whole stretch is a mark", 44],
  ["none is", 97],
])("%s", (_, byte) => {
  const bytes = new Uint8Array(STRETCH_BYTES).fill(byte);
  expect(found([44], bytes, 0, bytes.length)).toEqual(byte === 44 ? [...bytes.keys()] : []);
});

test("what an earlier search left behind does not count", () => {
  found([44], new Uint8Array(200).fill(44), 0, 200);
  expect(found([44], Uint8Array.of(97, 44, 97), 0, 3)).toEqual([1]);
  expect(found([44], Uint8Array.of(), 0, 0)).toEqual([]);
});

test("more than eight kinds of mark are refused", () => {
  expect(() => marksOf([1, 2, 3, 4, 5, 6, 7, 8, 9])).toThrow("at most eight");
  expect(() => marksOf([1, 1, 1, 1, 1, 1, 1, 1, 1])).not.toThrow();
});

test("bytes beyond ASCII are found", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect([...foundMarks.subarray(0, findMarks(BEYOND_ASCII, bytes, 0, 256))]).toEqual([...bytes.subarray(128)]);
});
