import { expect, test } from "vitest";
import { Lru } from "./lru.ts";

test("what was used least recently goes when room is needed", () => {
  const lru = new Lru<string, number>(3);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.set("c", 3);
  lru.get("a");
  lru.set("d", 4);
  expect([...lru.entries()].map(([key]) => key)).toEqual(["c", "a", "d"]);
});

test("sizes add up, and a value takes the place of its older self", () => {
  const lru = new Lru<string, string>(100);
  lru.set("a", "x", 60);
  lru.set("a", "y", 30);
  lru.set("b", "z", 70);
  expect([lru.get("a"), lru.get("b"), lru.size]).toEqual(["y", "z", 100]);
  lru.set("c", "w", 1);
  expect([lru.get("a"), lru.size]).toEqual([undefined, 71]);
});

test("what is larger than the whole cache is not kept, and pushes nothing out", () => {
  const lru = new Lru<string, string>(100);
  lru.set("a", "x", 60);
  lru.set("b", "y", 101);
  expect([lru.get("a"), lru.get("b")]).toEqual(["x", undefined]);
});
