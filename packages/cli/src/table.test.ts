import { expect, test } from "vitest";
import { renderTable, wrapped } from "./table.ts";
import { type Terminal, widthOf } from "./terminal.ts";

const terminal = (columns: number): Terminal => ({
  isTTY: true,
  columns,
  write: () => {},
  line: () => {},
  paint: (_, text) => text,
});
interface Row {
  id: number;
  name: string;
  note: string;
}
const columns = [
  { title: "ID", text: ({ id }: Row) => String(id), align: "right" as const },
  { title: "NAME", text: ({ name }: Row) => name, flexible: true, keep: "end" as const },
  { title: "NOTE", text: ({ note }: Row) => note },
];

test("cells stand under their titles, wide letters counted as wide", () => {
  const rows = [
    { id: 7, name: "日本.csv", note: "a" },
    { id: 1234, name: "b.csv", note: "bc" },
  ];
  expect(renderTable(rows, columns, terminal(80))).toEqual([
    "  ID  NAME      NOTE",
    "   7  日本.csv  a",
    "1234  b.csv     bc",
  ]);
});

test("one column gives way, no line is wider than the terminal, and empty columns go", () => {
  const rows = [{ id: 1, name: "a-very-long-file-name-2026-11-20.csv", note: "" }];
  const lines = renderTable(rows, columns, terminal(24));
  expect(lines).toEqual(["ID  NAME", " 1  …name-2026-11-20.csv"]);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(24);
});

test("spare columns go, the last first, until a name can be read", () => {
  const spare = [...columns, ...["A", "B"].map((title) => ({ title, text: () => "xxxx", spare: true }))];
  const rows = [{ id: 1, name: "orders-2026-11-20.csv", note: "n" }];
  const heading = (room: number) => renderTable(rows, spare, terminal(room))[0]!.split(/ +/);
  expect(heading(43)).toEqual(["ID", "NAME", "NOTE", "A", "B"]);
  expect(heading(42)).toEqual(["ID", "NAME", "NOTE", "A"]);
  expect(heading(36)).toEqual(["ID", "NAME", "NOTE"]);
  expect(heading(20)).toEqual(["ID", "NAME", "NOTE"]);
});

test("a cell cannot steer the terminal", () => {
  const rows = [{ id: 1, name: "a\u001b[2Jb.csv", note: "" }];
  expect(renderTable(rows, columns, terminal(80)).at(-1)).toBe(" 1  a\ufffd[2Jb.csv");
});

test("a column that wraps goes on below itself", () => {
  const wrapping = [columns[0]!, { title: "MESSAGE", text: ({ note }: Row) => note, flexible: true, wrap: true }];
  expect(renderTable([{ id: 1, name: "", note: "give it a value or leave it" }], wrapping, terminal(18))).toEqual([
    "ID  MESSAGE",
    " 1  give it a",
    "    value or leave",
    "    it",
  ]);
});

test("words that fit no line are cut, and nothing is lost between words", () => {
  expect(wrapped("a bb ccc", 4)).toEqual(["a bb", "ccc"]);
  expect(wrapped("", 4)).toEqual([""]);
  expect(wrapped("abcdefgh x", 4)).toEqual(["abc…", "x"]);
});
