import { expect, test } from "vitest";
import { display, displayList, displaySize, displayTime, wrap } from "./display.ts";

test.each([
  ["a\r\nb\tc", "a b c"],
  ["  name  ", "name"],
  ["a\u202evsc.exe", "a\ufffdvsc.exe"],
  ["a\u0000b", "a\ufffdb"],
  ["half \ud83d emoji", "half \ufffd emoji"],
  ["whole 👩‍🚀 emoji, Überprüfung, عملاء", "whole 👩‍🚀 emoji, Überprüfung, عملاء"],
])("%j is shown as %j", (text, shown) => {
  expect(display(text)).toBe(shown);
});

test("a long name keeps its beginning and its end", () => {
  expect(display(`${"a".repeat(300)}.csv`, 16)).toBe("aaaaaaaaaa…a.csv");
  expect([...display("👍".repeat(300), 20)]).toHaveLength(20);
});

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1.0 KB"],
  [999_949, "999.9 KB"],
  [999_950, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [5e15, "5000.0 TB"],
])("%d bytes are %s", (sizeBytes, shown) => {
  expect(displaySize(sizeBytes)).toBe(shown);
});

test("lists end with a count of what they leave out", () => {
  expect(displayList(["a"])).toBe("a");
  expect(displayList(["a", "b", "c"])).toBe("a, b and c");
  expect(displayList(["a", "b", "c", "d"])).toBe("a, b and 2 more");
});

test("a time is told in words and UTC", () => {
  expect(displayTime("2026-11-20T23:59:59.999Z")).toBe("20 November 2026 at 23:59 UTC");
  expect(displayTime("soon")).toBe("soon");
});

test("text is wrapped at spaces and never inside a word", () => {
  expect(wrap("aa bb cc", { width: 5 })).toBe("aa bb\ncc");
  expect(wrap("aaaaaaaa b", { width: 5, indent: "  " })).toBe("  aaaaaaaa\n  b");
});
