import { expect, test } from "vitest";
import { countsOf, diffLines, foldDiff } from "./line-diff.ts";

const text = (...lines: string[]) => `${lines.join("\n")}\n`;
const shown = (before: string, after: string) =>
  diffLines(before, after).map(({ sign, text: line }) => `${{ same: " ", added: "+", removed: "-" }[sign]}${line}`);

test("lines are added and removed, with their numbers in both texts", () => {
  expect(shown(text("a", "b", "c"), text("a", "x", "c", "d"))).toEqual([" a", "-b", "+x", " c", "+d"]);
  expect(diffLines(text("a", "b"), text("b"))).toEqual([
    { sign: "removed", text: "a", before: 1, after: undefined },
    { sign: "same", text: "b", before: 2, after: 1 },
  ]);
  expect(countsOf(diffLines(text("a", "b"), text("b", "c", "d")))).toEqual({ added: 2, removed: 1 });
});

test("the same text has no changes, and an empty one no lines", () => {
  expect(countsOf(diffLines(text("a"), text("a")))).toEqual({ added: 0, removed: 0 });
  expect(diffLines("", "")).toEqual([]);
  expect(shown("", text("a"))).toEqual(["+a"]);
});

test("what is the same is folded away but for three lines round each change", () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const parts = foldDiff(diffLines(text(...lines), text(...lines.with(10, "changed"))));
  expect(parts.map(({ kind, lines: each }) => [kind, each.length])).toEqual([
    ["folded", 7],
    ["lines", 8],
    ["folded", 6],
  ]);
});

test("a single line is not folded", () => {
  const lines = ["a", "b", "c", "d"];
  const parts = foldDiff(diffLines(text(...lines, "e"), text(...lines, "x")));
  expect(parts.every(({ kind }) => kind === "lines")).toBe(true);
});
