import { expect, test } from "vitest";
import type { Draft } from "./draft.ts";
import { beginHistory, edited, redone, selected, undone } from "./history.ts";

const titled = (title: string): Draft => ({ title, scenes: [{ name: "one", durationMs: 1_000 }] });
const titleOf = ({ present }: { present: { draft: Draft } }) => present.draft.title;

test("a word that is typed is one step back, and the next word another", () => {
  let history = beginHistory(titled(""));
  for (const [at, title] of ["H", "He", "Hel"].entries())
    history = edited(history, { draft: titled(title), key: "title", atMs: at * 200 });
  history = edited(history, { draft: titled("Hel lo"), key: "title", atMs: 5_000 });
  expect(history.past).toHaveLength(2);
  history = undone(history);
  expect(titleOf(history)).toBe("Hel");
  history = undone(history);
  expect(titleOf(history)).toBe("");
  expect(undone(history)).toBe(history);
});

test("edits of two things are two steps, however fast", () => {
  let history = beginHistory(titled("a"));
  history = edited(history, { draft: titled("b"), key: "title", atMs: 0 });
  history = edited(history, { draft: titled("c"), key: "stage", atMs: 1 });
  expect(titleOf(undone(history))).toBe("b");
});

test("what was undone comes again, until something else is changed", () => {
  let history = edited(beginHistory(titled("a")), { draft: titled("b"), atMs: 0 });
  history = undone(history);
  expect(titleOf(redone(history))).toBe("b");
  history = edited(history, { draft: titled("c"), atMs: 1 });
  expect(redone(history)).toBe(history);
});

test("selecting is no step, and ends the edit before it", () => {
  let history = edited(beginHistory(titled("a")), { draft: titled("b"), key: "title", atMs: 0 });
  history = selected(history, { scene: 0, layer: 1 });
  history = edited(history, { draft: titled("c"), key: "title", atMs: 1 });
  expect(history.past).toHaveLength(2);
  expect(history.present.selection).toEqual({ scene: 0, layer: 1 });
});

test("a movement of the hand is one step back, however long it takes", () => {
  let history = beginHistory(titled("a"));
  for (const [at, title] of ["b", "c"].entries())
    history = edited(history, { draft: titled(title), key: "drag 1", held: true, atMs: at * 60_000 });
  expect(titleOf(undone(history))).toBe("a");
});
