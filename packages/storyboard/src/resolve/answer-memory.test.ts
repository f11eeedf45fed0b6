import { expect, test } from "vitest";
import { openMemory } from "./answer-memory.ts";

/** Asks a new drawer of the memory for these, and says how many answers were made. */
function madeFor(memory: ReturnType<typeof openMemory<string>>, names: Iterable<string>): number {
  const recall = memory.drawer();
  let made = 0;
  for (const name of names) {
    const answer = recall(name, () => {
      made += 1;
      return `of ${name}`;
    });
    expect(answer).toBe(`of ${name}`);
  }
  return made;
}

const numbers = function* (count: number, different: number) {
  for (let n = 0; n < count; n += 1) yield String(n % different);
};

test("what comes again is made once, whatever other columns hold", () => {
  const memory = openMemory<string>();
  // Names: all differ. They must not take the room of what comes again.
  for (let drawer = 0; drawer < 10; drawer += 1) expect(madeFor(memory, numbers(5_000, 5_000))).toBe(5_000);
  expect(madeFor(memory, numbers(10_000, 900))).toBe(900);
});

test("a name of any length has its own answer", () => {
  expect(madeFor(openMemory(), ["", "a", "", "x".repeat(10_000), "x".repeat(10_000)])).toBe(4);
});

test("there is one bound for all drawers", () => {
  const memory = openMemory<string>();
  for (let drawer = 0; drawer < 20; drawer += 1) madeFor(memory, numbers(1_000, 1_000));
  expect(madeFor(memory, numbers(1_500, 10))).toBe(1_500);
});
