import { expect, test } from "vitest";
import { sinceOf } from "./since.ts";

const time = { by: "changed", kind: "time" as const, overlapSeconds: 300 };

test.each([
  ["2026-11-20T09:00:00Z", "2026-11-20T08:55:00Z"],
  ["2026-11-20T09:00:00.250Z", "2026-11-20T08:55:00.250Z"],
  ["2026-11-20T00:01:00+02:00", "2026-11-19T23:56:00+02:00"],
  // Without a zone it is the system's own time, and stays so.
  ["2026-11-20T09:00:00", "2026-11-20T08:55:00"],
  ["2026-11-20 09:00", "2026-11-20 08:55"],
  ["2026-11-20", "2026-11-19"],
  ["1763712000", "1763711700"],
  ["1763712000.25", "1763711700.25"],
  ["2026-11-20 09:00:00+02", "2026-11-20 08:55:00+02"],
  ["1763712000000", "1763711700000"],
  ["/Date(1763712000000)/", "/Date(1763711700000)/"],
  ["/Date(1763712000000+0100)/", "/Date(1763711700000+0100)/"],
  // Nobody knows how this is written: better the same again than something else.
  ["20 Nov 2026", "20 Nov 2026"],
])("five minutes before %s is %s, written the same way", (cursor, since) => {
  expect(sinceOf(cursor, time)).toBe(since);
});

test("a key is asked from as it is, and without a cursor everything is asked for", () => {
  expect(sinceOf("1763712000", { ...time, kind: "key" })).toBe("1763712000");
  expect(sinceOf("2026-11-20T09:00:00Z", { ...time, overlapSeconds: 0 })).toBe("2026-11-20T09:00:00Z");
  expect(sinceOf(null, time)).toBeNull();
  expect(sinceOf("7", undefined)).toBeNull();
});
