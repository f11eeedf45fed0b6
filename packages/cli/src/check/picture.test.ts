import type { Issue } from "@inlet/contracts";
import type { Excerpt } from "@inlet/delimited";
import { expect, test } from "vitest";
import { type Terminal, widthOf } from "../terminal.ts";
import { layOut, picture } from "./picture.ts";

const terminal = (columns: number): Terminal => ({
  isTTY: true,
  columns,
  write: () => {},
  line: () => {},
  paint: (_, text) => text,
});

const issue: Issue = {
  line: 7,
  record: 6,
  offset: 180,
  column: "quantity",
  code: "not_an_integer",
  message: "quantity must be a whole number: digits only, with an optional sign, no spaces or separators.",
  value: "n/a",
  severity: "error",
  fix: null,
};
const excerpt = (before: string, marked: string, after: string): Excerpt => ({
  before,
  marked,
  after,
  isCutBefore: false,
  isCutAfter: false,
});
const drawn = (part: Excerpt | undefined, more: Partial<Issue> = {}, columns = 80) =>
  picture(
    { issue: { ...issue, ...more }, file: "orders.csv", column: 3, label: "quantity", excerpt: part },
    terminal(columns),
  );

test("the place is underlined, and what to write instead stands below", () => {
  expect(drawn(excerpt('6,"Müller, Ana",', "n/a", ",12.50"), { fix: "12" })).toEqual([
    "error[not_an_integer]: quantity must be a whole number: digits only, with an",
    "  optional sign, no spaces or separators.",
    "    ╭─ orders.csv:7  record 6, column 3 quantity, byte 180",
    '  7 │ 6,"Müller, Ana",n/a,12.50',
    "    │                 ^^^",
    "    ╰─ fix: 12",
  ]);
});

test("wide letters and tabs take the room that they take on the screen", () => {
  const [, , , line, mark] = drawn(excerpt("日本語\t", "値", "\tx"));
  expect(line).toBe("  7 │ 日本語→   値→   x");
  expect(mark).toBe("    │           ^^");
});

test("what is missing is pointed at behind the line, what has no place is not drawn", () => {
  expect(drawn(excerpt("64;x", "", "")).slice(-2)).toEqual(["  7 │ 64;x", "    │     ^"]);
  expect(drawn(undefined, { line: null, record: null, offset: null }).at(-1)).toMatch(/^ {4}╰─ orders\.csv/);
});

const LETTERS = ["a", "語", "\t", "é", "👩‍👩‍👧", "\u0000", "\u200b", "e\u0301", " "];

test("no line is wider than the terminal, and the marks stand under the offending text", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const text = (most: number) => Array.from({ length: random(most) }, () => LETTERS[random(LETTERS.length)]).join("");
  for (let turn = 0; turn < 400; turn += 1) {
    const room = 40 + random(100);
    const part = {
      ...excerpt(text(200), text(120), text(200)),
      isCutBefore: random(2) === 0,
      isCutAfter: random(2) === 0,
    };
    const { text: line, indent, markers } = layOut(part, room);
    expect(widthOf(line)).toBeLessThanOrEqual(room);
    expect(indent + markers.length).toBeLessThanOrEqual(room);
    expect(line).not.toMatch(/[\u0000-\u001f]/);
  }
  for (const columns of [60, 80, 120]) {
    const long = excerpt("x;".repeat(300), "y".repeat(300), ";z".repeat(300));
    const name = "a-very-long-folder-name/".repeat(8);
    const lines = picture(
      { issue, file: `${name}f.csv`, column: 3, label: "l".repeat(90), excerpt: long },
      terminal(columns),
    );
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  }
});

test("of a long line the offending part is there, with as much round it as there is room for", () => {
  const { text, indent, markers } = layOut(excerpt("a".repeat(500), "BAD", "b".repeat(500)), 60);
  expect(text.slice(indent, indent + markers.length)).toBe("BAD");
  expect(text).toMatch(/^…a{30,}BADb{15,}…$/);
});
