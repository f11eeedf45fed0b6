import type { Issue } from "@inlet/contracts";
import { expect, test } from "vitest";
import { check } from "../check/check.ts";
import { isUnreadable, sniff } from "../detect/sniff.ts";
import { inferTable } from "../infer/infer-table.ts";
import { memorySource } from "../scan/source.ts";
import { excerptOf } from "./excerpt.ts";

/** Every finding of a file with the text that its excerpt marks. */
async function marked(content: string | Buffer) {
  const bytes = Buffer.from(content);
  const source = memorySource(bytes);
  const sniffed = await sniff(source);
  if (isUnreadable(sniffed)) throw new Error(sniffed.problem.message);
  const { table } = await inferTable({ source, scan: sniffed.scan });
  const issues: Issue[] = [];
  const { scan } = await check(source, { table, notStored: true, onIssue: (issue) => void issues.push(issue) });
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return await Promise.all(issues.map(async (issue) => ({ issue, excerpt: await excerptOf(issue, scan!, read) })));
}

const good = Array.from({ length: 20 }, (_, n) => `${n};Name ${n};${n},50\n`).join("");

test.each<[string, string, string, string, string]>([
  ["a cell of the wrong type", '7;"Ä; B";abc\n', '7;"Ä; B";', "abc", ""],
  ["a quoted cell with its quotes", '"x7";y;1,5\n', "", '"x7"', ";y;1,5"],
  ["a stray quote", '7;a "b" c;1,5\n', "7;a ", '"', 'b" c;1,5'],
  ["a quote that stays open", '7;"open;1,5\n', "7;", '"open;1,5', ""],
  ["cells that are missing", "7;a\n", "7;a", "", ""],
  ["cells that are too many", "7;a;1,5;x;y\n", "7;a;1,5;", "x;y", ""],
  ["a NUL", "7;a\0b;1,5\n", "7;a", "\0", "b;1,5"],
])("%s", async (_, line, before, text, after) => {
  const [first] = await marked(`id;name;amount\n${good}${line}${good}`);
  expect(first!.excerpt).toMatchObject({ before, marked: text, after, isCutBefore: false, isCutAfter: false });
});

test("a byte that is no UTF-8 is marked by itself", async () => {
  const text = Buffer.from(`id;name;amount\n${good}7;Größe und Öl €;1,5\n${good}`);
  const at = text.indexOf("€");
  text[at + 1] = 0x20;
  const [first] = await marked(text);
  expect(first!.issue.code).toBe("encoding_invalid");
  expect(first!.excerpt!.before).toBe("7;Größe und Öl ");
});

test("Windows-1252, lone CR and a byte-order mark", async () => {
  const latin = await marked(Buffer.from(`n\xe4me;zahl\r${"K\xf6ln;5\r".repeat(20)}K\xf6ln;f\xfcnf\r`, "latin1"));
  expect(latin[0]!.excerpt).toMatchObject({ before: "Köln;", marked: "fünf", after: "" });
  const first = await marked(`\ufeffid,id\n${"1,2\n".repeat(5)}`);
  expect(first[0]!.excerpt).toMatchObject({ before: "id,", marked: "id" });
});

test("of a long line only what is near is read, and no character is cut through", async () => {
  const wide = Array.from({ length: 900 }, (_, n) => `c${n}`);
  const row = (n: number) => wide.map((_, c) => (c % 2 === 0 ? "äöü€😀äöü€😀" : String(n))).join(";");
  const bad = row(99).split(";");
  bad[401] = "kein Wert";
  const found = await marked(
    `${wide.join(";")}\n${row(1)}\n${row(2)}\n${Array.from({ length: 12 }, (_, n) => row(n)).join("\n")}\n${bad.join(";")}\n`,
  );
  const { excerpt } = found[0]!;
  expect(excerpt).toMatchObject({ marked: "kein Wert", isCutBefore: true, isCutAfter: true });
  expect(excerpt!.before.length).toBeLessThan(2_000);
  expect(`${excerpt!.before}${excerpt!.after.slice(0, -1)}`).not.toContain("\ufffd");
});
