import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

const task = (key: string, number: number) => ({ key, number });
const filled = (...names: string[]) => {
  const lanes = new Lanes<{ key: string; number: number }>();
  for (const [number, key] of names.entries()) lanes.add(task(key, number));
  return lanes;
};

test("of a key one task at a time, in order; keys in their turn", () => {
  const lanes = filled("a", "a", "b");
  expect([lanes.take(), lanes.take(), lanes.take()]).toEqual([task("a", 0), task("b", 2), undefined]);
  lanes.next("a");
  expect(lanes.take()).toEqual(task("a", 1));
  expect([lanes.size, lanes.ready]).toEqual([2, 0]);
  lanes.next("a");
  expect(lanes.has("a")).toBe(false);
});

test("what is put back is tried again after other keys", () => {
  const lanes = filled("a", "b");
  lanes.take();
  lanes.putBack("a");
  expect([lanes.take()?.key, lanes.take()?.key]).toEqual(["b", "a"]);
});

test("what comes while a key is held waits behind what it is given", () => {
  const lanes = filled();
  lanes.hold("a");
  lanes.add(task("a", 9));
  expect(lanes.take()).toBeUndefined();
  lanes.fill("a", [task("a", 1), task("a", 2)]);
  expect(lanes.behind("a")).toBe(2);
  const order: number[] = [];
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) {
    order.push(next.number);
    lanes.next("a");
  }
  expect(order).toEqual([1, 2, 9]);
});

test("a key that was held for nothing is free again", () => {
  const lanes = filled();
  lanes.hold("a");
  lanes.fill("a", []);
  lanes.add(task("a", 1));
  expect(lanes.take()).toEqual(task("a", 1));
});

test("what is taken out is gone, and comes to no turn", () => {
  const lanes = filled("a", "a", "b");
  expect(lanes.drop("a")).toEqual([task("a", 0), task("a", 1)]);
  expect([lanes.size, lanes.ready]).toEqual([1, 1]);
  lanes.add(task("a", 7));
  expect([lanes.take()?.number, lanes.take()?.number, lanes.take()]).toEqual([7, 2, undefined]);
});

test("thousands of keys come to their turn, none twice", () => {
  const lanes = filled(...Array.from({ length: 5_000 }, (_, n) => `k${n}`));
  const seen = new Set<string>();
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) {
    expect(seen.has(next.key)).toBe(false);
    seen.add(next.key);
    lanes.next(next.key);
  }
  expect([seen.size, lanes.size]).toEqual([5_000, 0]);
});
