import { describe, expect, test } from "vitest";
import { checkNewName, isTemporaryName, pathOf, segmentsOf } from "./paths.ts";

describe("segmentsOf", () => {
  test.each([
    ["/", "/"],
    ["", "/"],
    [".", "/"],
    ["..", "/"],
    ["/..", "/"],
    ["/../../../../etc/passwd", "/etc/passwd"],
    ["spring/Uploads/a.csv", "/spring/Uploads/a.csv"],
    ["/spring//Uploads///a.csv/", "/spring/Uploads/a.csv"],
    ["/spring/./Uploads/../Downloads/./b", "/spring/Downloads/b"],
    ["/spring/Uploads/../../../other/Uploads/a", "/other/Uploads/a"],
    ["/a/..b/...", "/a/..b/..."],
    ["/%2e%2e/%2fetc", "/%2e%2e/%2fetc"],
    ["..\\..\\etc", "/..\\..\\etc"],
    ["/spring/Übersicht 2026.csv", "/spring/Übersicht 2026.csv"],
  ])("%s is %s", (path, canonical) => {
    expect(pathOf(segmentsOf(path))).toBe(canonical);
  });

  test("is its own fixed point", () => {
    for (const path of ["/a/../b/./c", "x//y/..", "/..//..a/.b"]) {
      const once = pathOf(segmentsOf(path));
      expect(pathOf(segmentsOf(once))).toBe(once);
    }
  });

  test.each([["/a\0.csv"], ["/a\n.csv"], ["/a\x7f"], ["/\x9b31m"], ["/caf\ufffd"], [`/${"a".repeat(4097)}`]])(
    "refuses %j",
    (path) => {
      expect(() => segmentsOf(path)).toThrow(/path/i);
    },
  );
});

test.each([
  ["a\\b.csv"],
  ["..\\a"],
  [" "],
  ["invoice\u202efdp.exe"],
  ["a".repeat(256)],
  ["ü".repeat(128)],
  ["\ufeffa.csv"],
])("a file cannot be named %j", (name) => {
  expect(() => checkNewName(name)).toThrow();
});

test.each([["a.csv"], ["Müller & Söhne (2).csv"], ["נתונים.csv"], ["売上.tsv"], ["a".repeat(255)], ["a b.csv"]])(
  "a file can be named %j",
  (name) => {
    expect(() => checkNewName(name)).not.toThrow();
  },
);

test.each([
  [".a.csv", true],
  ["a.csv.part", true],
  ["a.csv.filepart", true],
  ["a.csv.FilePart", true],
  ["a.csv.1f2e3d4c.partial", true],
  ["a.tmp", true],
  ["a.csv", false],
  ["part", false],
  ["a.parts", false],
  ["tmp.csv", false],
])("%s is temporary: %s", (name, temporary) => {
  expect(isTemporaryName(name)).toBe(temporary);
});
