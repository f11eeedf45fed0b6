import { columnSchema } from "@inlet/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ColumnPlan } from "../cells/column-plan.ts";
import { DuplicateWatch, KEY_NEW, KEY_NOT_USABLE } from "./duplicate-watch.ts";

const plan = new ColumnPlan(columnSchema.parse({ name: "c", type: "integer", unique: true }), 0, false);
plan.field = 0;

const cellsOf = (key: Buffer) => ({ starts: new Int32Array([0]), ends: new Int32Array([key.length]) });

/** What a watch answers to each key, in canonical form; proved. */
function answers(keys: readonly string[]): number[] {
  const watch = new DuplicateWatch({ code: "value_duplicate", plans: [plan], severity: "error" });
  const bytes = keys.map((key) => Buffer.from(key));
  const found = bytes.map((key, index) => watch.look(key, cellsOf(key), index + 1));
  const proof = watch.finish();
  if (proof !== undefined) {
    while (proof.begin()) for (const key of bytes) proof.look(key, cellsOf(key));
    proof.finish();
  }
  return found;
}

function expected(keys: readonly string[]): number[] {
  const lines = new Map<string, number>();
  return keys.map((key, index) => {
    if (key === "\\N") return KEY_NOT_USABLE;
    const first = lines.get(key);
    if (first === undefined) lines.set(key, index + 1);
    return first ?? KEY_NEW;
  });
}

const near = fc.integer({ min: -20, max: 20 }).map(String);
const far = fc.constantFrom("9223372036854775807", "-9223372036854775808", "1000000000000000", "-999999999999999");

it("finds a number that comes again, near ones and far ones, before and after an empty cell", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(near, near, near, far, fc.constant("\\N")), { maxLength: 60 }), (keys) => {
      expect(answers(keys)).toEqual(expected(keys));
    }),
  );
});

it("goes on with hashes where numbers lie too far apart, and forgets none", () => {
  const scattered = Array.from({ length: 3000 }, (_, n) => String(n * 1_000_003));
  const keys = ["7", "7", ...scattered, "7", scattered[1]!, scattered[2999]!];
  expect(answers(keys)).toEqual(expected(keys));
});

it("needs no proof as long as it keeps the numbers themselves", () => {
  const watch = new DuplicateWatch({ code: "value_duplicate", plans: [plan], severity: "error" });
  for (const key of ["1", "2", "1"]) watch.look(Buffer.from(key), cellsOf(Buffer.from(key)), 1);
  expect(watch.finish()).toBeUndefined();
});
