import { expect, test } from "vitest";
import { displayText } from "./display-text.ts";

const line = (value: string, maxCharacters = 40) => displayText(value, { maxCharacters, lines: false });

test.each([
  ["a right-to-left override", "user\u202Egnp.exe", "usergnp.exe"],
  ["isolates and embeddings", "\u2066a\u2069\u202Ab\u202C", "ab"],
  ["control characters", "a\0b\x1b[31mc\x7f\x85", "ab[31mc"],
  ["a byte-order mark and zero-width spaces", "\uFEFFa\u200Bb", "ab"],
  ["blanks of all kinds", "  a \t\n\u00A0 b\u2003", "a b"],
  ["a lone surrogate", "a\uD83Db", "a\uFFFDb"],
  ["towers of marks", `Z${"\u0335\u0321".repeat(50)}o`, `Z${"\u0335\u0321".repeat(2)}o`],
])("%s does no harm", (_, value, expected) => {
  expect(line(value)).toBe(expected);
});

test.each(["Zoë", "שָׁלוֹם", "مرحبا", "किंतु", "👨‍👩‍👧‍👦", "می‌خواهم", "+972 50-5", "<b>&amp;"])(
  "%s stays as it is",
  (value) => {
    expect(line(value)).toBe(value);
  },
);

test("too long a value ends in an ellipsis, and no character is cut in two", () => {
  expect(line("abcdefghij", 10)).toBe("abcdefghij");
  expect(line("abcdefghijk", 10)).toBe("abcdefghi…");
  expect(line("👨‍👩‍👧‍👦".repeat(12), 10)).toBe(`${"👨‍👩‍👧‍👦".repeat(9)}…`);
  expect(line("👨‍👩‍👧‍👦".repeat(10), 10)).toBe("👨‍👩‍👧‍👦".repeat(10));
});

test("a cell of ten megabytes costs no more than its beginning", () => {
  const startedMs = performance.now();
  expect(line("😀 ".repeat(3_000_000), 20)).toHaveLength(30);
  expect(performance.now() - startedMs).toBeLessThan(200);
});

test("line ends of all kinds are kept where lines are wanted", () => {
  expect(displayText("a\r\nb\rc\u2028 d\t e ", { maxCharacters: 40, lines: true })).toBe("a\nb\nc\n d e");
});
