import { expect, test } from "vitest";
import { fileAttributes, folderAttributes, longName } from "./listing.ts";

const NOW_S = Date.UTC(2026, 10, 20) / 1000;
const uploads = { role: "uploads" as const };

test("a recent file's line has its time, an old one's its year", () => {
  const recent = fileAttributes(uploads, { sizeBytes: 1234, modifiedMs: Date.UTC(2026, 10, 2, 9, 5) });
  expect(longName("a b.csv", recent, NOW_S)).toBe(
    "-rw-r-----    1 client   client           1234 Nov  2 09:05 a b.csv",
  );
  const old = fileAttributes({ role: "downloads" }, { sizeBytes: 7, modifiedMs: Date.UTC(2024, 0, 31) });
  expect(longName("b", old, NOW_S)).toBe("-r--r-----    1 client   client              7 Jan 31  2024 b");
});

test("a folder without a role is read-only", () => {
  const folder = {
    segments: [],
    path: "/",
    children: new Map(),
    role: undefined,
    projectId: undefined,
    project: undefined,
  };
  expect(longName("spring", folderAttributes(folder, NOW_S * 1000), NOW_S)).toMatch(/^dr-xr-x---/);
});

test("times outside 32 bits are cut to them", () => {
  expect(fileAttributes(uploads, { sizeBytes: 0, modifiedMs: -5000 }).mtime).toBe(0);
  expect(fileAttributes(uploads, { sizeBytes: 0, modifiedMs: 1e15 }).mtime).toBe(0xffff_ffff);
});
