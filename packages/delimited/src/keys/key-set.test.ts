import { columnSchema } from "@inlet/contracts";
import { describe, expect, it } from "vitest";
import { ColumnPlan } from "../cells/column-plan.ts";
import { DuplicateWatch } from "./duplicate-watch.ts";
import { KeyHash } from "./key-hash.ts";
import { KeySet, NEW_KEY } from "./key-set.ts";

describe("KeySet", () => {
  it("knows every key again, with the line of the first", () => {
    const set = new KeySet();
    const seen = new Map<string, number>();
    let state = 1;
    for (let line = 1; line <= 200_000; line += 1) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      const number = state % 150_000;
      const [h1, h2] = [Math.imul(number, 0x9e3779b1), Math.imul(number, 0x85ebca6b) ^ 1];
      const key = `${h1},${h2}`;
      const expected = seen.get(key) ?? NEW_KEY;
      expect(set.add(h1, h2, line)).toBe(expected);
      if (expected === NEW_KEY) seen.set(key, line);
      expect(set.has(h1, h2)).toBe(true);
    }
    expect(set.size).toBe(seen.size);
    expect(set.has(123_456_789, 1)).toBe(false);
  });
});

describe("KeyHash", () => {
  it("has no more collisions than chance on keys that differ little", () => {
    const hash = new KeyHash();
    const [first, second, both] = [new Set<number>(), new Set<number>(), new Set<string>()];
    const count = 200_000;
    for (let i = 0; i < count; i += 1) {
      const key = Buffer.from(`CUST${String(i).padStart(10, "0")}`);
      hash.begin();
      hash.update(key, 0, key.length);
      hash.finish();
      first.add(hash.h1);
      second.add(hash.h2);
      both.add(`${hash.h1},${hash.h2}`);
    }
    // By chance some 5 pairs in 200,000 share one half; none should share both.
    expect(first.size).toBeGreaterThan(count - 60);
    expect(second.size).toBeGreaterThan(count - 60);
    expect(both.size).toBe(count);
  });
});

describe("what looks like a duplicate", () => {
  const plan = new ColumnPlan(columnSchema.parse({ name: "c", unique: true }), 0, false);
  plan.field = 0;
  const cellsOf = (key: Buffer) => ({ starts: new Int32Array([0]), ends: new Int32Array([key.length]) });
  /** A hash that sees nothing but a key's length. */
  class PoorHash extends KeyHash {
    override update(_: Uint8Array, from: number, to: number): void {
      this.h1 = (to - from) << 28;
      this.h2 = to - from;
    }
    override finish(): void {}
  }

  it("asks for another attempt when it was a hash collision, instead of rejecting an innocent record", () => {
    const watch = new DuplicateWatch({ code: "value_duplicate", plans: [plan], severity: "error" }, new PoorHash());
    const keys = ["aa", "bb", "ccc", "ccc"].map((text) => Buffer.from(text));
    expect(keys.map((key, i) => watch.look(key, cellsOf(key), i + 1))).toEqual([NEW_KEY, 1, NEW_KEY, 3]);
    const proof = watch.finish()!;
    while (proof.begin()) for (const key of keys) proof.look(key, cellsOf(key));
    expect(() => proof.finish()).toThrow(expect.objectContaining({ code: "hash_collision", retryable: true }));
  });

  it("is proved when it is one, in as many readings as the memory asks for", () => {
    const watch = new DuplicateWatch({ code: "value_duplicate", plans: [plan], severity: "error" });
    const keys = Array.from({ length: 30_000 }, (_, i) => Buffer.from(`key ${i % 9000}`));
    for (const [i, key] of keys.entries()) watch.look(key, cellsOf(key), i + 1);
    const proof = watch.finish(4000)!;
    let readings = 0;
    for (; proof.begin(); readings += 1) for (const key of keys) proof.look(key, cellsOf(key));
    expect(readings).toBe(6);
    expect(() => proof.finish()).not.toThrow();
  });

  it("needs no proof when nothing came twice", () => {
    const watch = new DuplicateWatch({ code: "value_duplicate", plans: [plan], severity: "error" });
    for (const text of ["a", "b"]) watch.look(Buffer.from(text), cellsOf(Buffer.from(text)), 1);
    expect(watch.finish()).toBeUndefined();
  });
});
