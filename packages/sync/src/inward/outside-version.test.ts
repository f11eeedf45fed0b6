import { expect, test } from "vitest";
import { compareVersions } from "./outside-version.ts";

test.each([
  ["9", "10", -1],
  ["10", "10", 0],
  ["007", "7", 0],
  ["90071992547409930", "90071992547409929", 1],
  ["1.5", "1.25", 1],
  ["1.50", "1.5", 0],
  ["0x00000000000007D3", "0x00000000000007D2", 1],
  ['W/"12"', '"3"', 1],
  ["2026-11-20T09:00:00Z", "2026-11-20T10:00:00+02:00", 1],
  ["2026-11-20 09:00:00.123456", "2026-11-20 09:00:00.123457", -1],
  ["2026-11-20T09:00:00.1Z", "2026-11-20T09:00:00.100Z", 0],
  ["2026-11-20T09:00:00+0200", "2026-11-20T07:00:00Z", 0],
  ['"abc"', "abc", 0],
  ["abc", "abd", undefined],
  ["33a64df5", "44b75", undefined],
  ["12", "2026-11-20T09:00:00Z", undefined],
  ["2026-13-45T99:00:00Z", "2026-11-20T09:00:00Z", undefined],
])("%s against %s: %s", (one, other, order) => {
  expect(compareVersions(one, other)).toBe(order);
  expect(compareVersions(other, one)).toBe(order === undefined || order === 0 ? order : -order);
});
