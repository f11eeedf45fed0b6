import { expect, test } from "vitest";
import { candidates, judge, type ListedFile, type RemoteSource } from "./listing.ts";

const listed = (name: string, overrides: Partial<ListedFile> = {}): ListedFile => ({
  name,
  path: `/out/${name}`,
  sizeBytes: 10,
  modifiedMs: 1_000,
  ...overrides,
});
const seen = (unchangedMs: number, arrivalId: number | null = null) => ({ unchangedMs, arrivalId });
const names = (files: readonly ({ name: string } | { file: { name: string } })[]) =>
  files.map((each) => ("file" in each ? each.file.name : each.name));

const STABLE: RemoteSource["complete"] = { by: "stable", seconds: 30 };
const FLAG: RemoteSource["complete"] = { by: "flag", suffix: ".flg" };

function judged(
  files: readonly ListedFile[],
  known: Record<string, { unchangedMs: number; arrivalId: number | null }>,
  complete: RemoteSource["complete"],
) {
  const looks = new Map(Object.entries(known).map(([name, look]) => [`/out/${name}`, look]));
  const { fetch, fetched, waiting } = judge(files, looks, complete);
  return { fetch: names(fetch), fetched: names(fetched), waiting: names(waiting) };
}

test.each([
  ["never seen before, however old its time", {}, "waiting"],
  ["seen at this size, not for long enough", { "a.csv": seen(29_999) }, "waiting"],
  ["seen at this size for long enough", { "a.csv": seen(30_000) }, "fetch"],
  ["fetched", { "a.csv": seen(90_000, 7) }, "fetched"],
  ["fetched a moment ago", { "a.csv": seen(0, 7) }, "fetched"],
])("by stability a file that was %s is %s", (_case, known, expected) => {
  const none = { fetch: [], fetched: [], waiting: [] };
  expect(judged([listed("a.csv", { modifiedMs: 0 })], known, STABLE)).toEqual({ ...none, [expected]: ["a.csv"] });
});

test("an empty file can be stable too", () => {
  expect(judged([listed("a.csv", { sizeBytes: 0 })], { "a.csv": seen(30_000) }, STABLE).fetch).toEqual(["a.csv"]);
});

test.each([
  ["no flag, however long it stands still", ["a.csv"], { "a.csv": seen(9e9) }, "waiting"],
  ["a flag", ["a.csv", "a.csv.flg"], {}, "fetch"],
  ["another file's flag", ["a.csv", "b.csv.flg"], {}, "waiting"],
  ["its predecessor's flag", ["a.csv", "a.csv.flg"], { "a.csv.flg": seen(9e9, 7) }, "waiting"],
  [
    "its predecessor's flag, and stands still",
    ["a.csv", "a.csv.flg"],
    { "a.csv.flg": seen(9e9, 7), "a.csv": seen(60_000) },
    "fetch",
  ],
  ["a flag, and was fetched", ["a.csv", "a.csv.flg"], { "a.csv.flg": seen(1, 7), "a.csv": seen(1, 7) }, "fetched"],
])("by flag a file that has %s is %s", (_case, there, known, expected) => {
  const none = { fetch: [], fetched: [], waiting: [] };
  expect(
    judged(
      there.map((name) => listed(name)),
      known,
      FLAG,
    ),
  ).toEqual({ ...none, [expected]: ["a.csv"] });
});

test("a flag alone is no data file", () => {
  expect(judged([listed("a.csv.flg")], { "a.csv.flg": seen(9e9) }, FLAG)).toEqual({
    fetch: [],
    fetched: [],
    waiting: [],
  });
});

test("files are fetched oldest first, of one second by name", () => {
  const files = [listed("b.csv"), listed("a.csv"), listed("c.csv", { modifiedMs: 0 })];
  const known = Object.fromEntries(files.map(({ name }) => [name, seen(30_000)]));
  expect(judged(files, known, STABLE).fetch).toEqual(["c.csv", "a.csv", "b.csv"]);
});

test("links, folders, hidden files and unfinished uploads are no candidates", () => {
  const entry = (name: string, isFile = true) => ({ name, isFile, sizeBytes: 1, modifiedMs: 0 });
  const entries = [
    entry("folder", false),
    entry(".a.csv"),
    entry("a.part"),
    entry("a.filepart"),
    entry("a.TMP"),
    entry("a.csv"),
  ];
  expect(candidates("/out", entries)).toEqual([{ name: "a.csv", path: "/out/a.csv", sizeBytes: 1, modifiedMs: 0 }]);
});

test("what a flag says counts for the file that it announces, and not for the one after that", () => {
  const files = [listed("a.csv"), listed("a.csv.flg")];
  const fetch = (known: Record<string, { unchangedMs: number; arrivalId: number | null }>) =>
    judge(files, new Map(Object.entries(known)), FLAG).fetch;
  expect(fetch({})).toMatchObject([{ isFlagUsed: false }]);
  const used = { "/out/a.csv.flg": seen(9e9, 7), "/out/a.csv": seen(60_000) };
  expect(fetch(used)).toMatchObject([{ isFlagUsed: true }]);
});
