import { expect, test } from "vitest";
import { requestedRange } from "./byte-range.ts";

test.each([
  [undefined, undefined],
  ["bytes=0-", { start: 0, end: 100 }],
  ["bytes=0-1", { start: 0, end: 2 }],
  ["bytes=99-", { start: 99, end: 100 }],
  ["bytes=10-500", { start: 10, end: 100 }],
  ["bytes=-20", { start: 80, end: 100 }],
  ["bytes=-500", { start: 0, end: 100 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=99999999999999999999-", "unsatisfiable"],
  ["bytes=5-4", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,5-6", undefined],
  ["lines=0-1", undefined],
])("%s of 100 bytes is %j", (header, expected) => {
  expect(requestedRange(header, { sizeBytes: 100, etag: '"a"' })).toEqual(expected);
});

test("a part of what has changed since is the whole", () => {
  const ask = (ifRange: string) => requestedRange("bytes=0-1", { sizeBytes: 100, etag: '"a"', ifRange });
  expect(ask('"a"')).toEqual({ start: 0, end: 2 });
  expect(ask('"b"')).toBeUndefined();
  expect(ask('W/"a"')).toBeUndefined();
  expect(ask("Fri, 20 Nov 2026 12:00:00 GMT")).toBeUndefined();
});
