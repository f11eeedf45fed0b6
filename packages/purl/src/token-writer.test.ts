import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { MAX_NUMBER } from "./address.ts";
import { issueToken, TOKEN_LENGTH } from "./token.ts";
import { createTokenWriter } from "./token-writer.ts";

const key = randomBytes(32);

test("many tokens at once are the same as one by one, at every place, and nothing else is touched", () => {
  const writer = createTokenWriter(key, 98_765_432_100);
  // More than two chunks, with gaps, and numbers on both sides of 2^32.
  const records = Float64Array.from({ length: 5000 }, (_, i) => (i < 2500 ? i * 3 + 1 : 2 ** 32 - 3000 + i * 2));
  records[4999] = MAX_NUMBER;
  const stride = 90;
  const target = Buffer.alloc(records.length * stride, ".");
  writer.write(records, target, { stride, offsets: [4, 50] });
  for (const [i, recordNumber] of records.entries()) {
    const token = issueToken(key, { batchId: 98_765_432_100, recordNumber });
    const row = target.toString("latin1", i * stride, (i + 1) * stride);
    if (row !== `....${token}${".".repeat(11)}${token}.....`) expect(row).toBe(token);
  }
});

test("a writer goes on where it was: the second call gives what the first would have given", () => {
  const writer = createTokenWriter(key, 5);
  const first = Buffer.alloc(TOKEN_LENGTH);
  const second = Buffer.alloc(TOKEN_LENGTH);
  writer.write(Float64Array.of(9), first, { stride: TOKEN_LENGTH, offsets: [0] });
  writer.write(new Float64Array(0), second, { stride: TOKEN_LENGTH, offsets: [0] });
  writer.write(Float64Array.of(9), second, { stride: TOKEN_LENGTH, offsets: [0] });
  expect(second).toEqual(first);
});

test("no two of a million records share a tag", () => {
  const count = 1_000_000;
  const writer = createTokenWriter(key, 1);
  const target = Buffer.alloc(count * TOKEN_LENGTH);
  writer.write(
    Float64Array.from({ length: count }, (_, i) => i + 1),
    target,
    { stride: TOKEN_LENGTH, offsets: [0] },
  );
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) seen.add(target.toString("latin1", i * TOKEN_LENGTH + 14, (i + 1) * TOKEN_LENGTH));
  expect(seen.size).toBe(count);
});

test("a buffer that is too small, or a record that is none, is refused", () => {
  const writer = createTokenWriter(key, 1);
  const places = { stride: 40, offsets: [0] };
  expect(() => writer.write(Float64Array.of(1, 2), Buffer.alloc(74), places)).toThrow(/need 75 bytes/);
  expect(() => writer.write(Float64Array.of(1, 0), Buffer.alloc(80), places)).toThrow(/record 0/);
  expect(() => writer.write(Float64Array.of(MAX_NUMBER + 1), Buffer.alloc(80), places)).toThrow(/record 1099511627776/);
  expect(() => createTokenWriter(key, 0)).toThrow(/batch 0/);
});
