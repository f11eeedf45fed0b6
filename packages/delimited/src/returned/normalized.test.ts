import { tableSchema } from "@inlet/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../check/check.ts";
import { choppedSource } from "../scan/scan-all.test-kit.ts";
import { normalized } from "./normalized.ts";

async function normalize(bytes: Buffer, format: object, cuts: number[] = []) {
  const source = choppedSource(bytes, cuts);
  const table = tableSchema.parse({ name: "t", format, columns: [{ name: "a" }], limits: { columns: 50 } });
  const { scan } = await check(source, { table });
  const chunks: Buffer[] = [];
  const counts = { written: -1, leftOut: -1 };
  for await (const chunk of normalized({ source, plan: scan!, onEnd: (ended) => Object.assign(counts, ended) }))
    chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), counts };
}

/** As RFC 4180 has it, with LF. */
const plain = (rows: readonly (readonly string[])[]) =>
  rows
    .map((row) =>
      row.length === 1 && row[0] === ""
        ? '""'
        : row.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(","),
    )
    .map((line) => `${line}\n`)
    .join("");

test("any table in any dialect, cut anywhere, comes out the same", async () => {
  const cell = fc.string({
    unit: fc.constantFrom("a", "7", " ", ",", ";", '"', "'", "\n", "\r\n", "é", "€", "=", "\\"),
    maxLength: 6,
  });
  const dialect = fc.record({
    delimiter: fc.constantFrom(",", ";", "|", "\t"),
    quote: fc.constantFrom('"', "'"),
    encoding: fc.constantFrom("utf-8" as const, "windows-1252" as const),
    lineEnd: fc.constantFrom("\n", "\r\n"),
  });
  const rows = fc
    .integer({ min: 2, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));
  await fc.assert(
    fc.asyncProperty(
      dialect,
      rows,
      fc.array(fc.nat(200)),
      async ({ delimiter, quote, encoding, lineEnd }, table, cuts) => {
        const labels = ["a", ...table[0]!.slice(1).map((_, n) => `b${n}`)];
        const quoted = (text: string) => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
        const text = [labels, ...table].map((row) => row.map(quoted).join(delimiter) + lineEnd).join("");
        const bytes = encoding === "utf-8" ? Buffer.from(text) : Buffer.from(text.replaceAll("€", "\x80"), "latin1");
        const found = await normalize(bytes, { delimiter, quote, encoding, escape: "doubled", preambleLines: 0 }, cuts);
        expect(found.text).toBe(plain([labels, ...table]));
        expect(found.counts).toEqual({ written: table.length, leftOut: 0 });
      },
    ),
    { numRuns: 300 },
  );
});

test("a record that cannot be cut into cells is left out and counted; a ragged one is written as it is", async () => {
  const { text, counts } = await normalize(Buffer.from('a,b\n1,2\n3,x "y" z\n4\n5,6,7\n8,9\n'), {
    delimiter: ",",
    quote: '"',
  });
  expect(text).toBe("a,b\n1,2\n4\n5,6,7\n8,9\n");
  expect(counts).toEqual({ written: 4, leftOut: 1 });
});

test("damaged UTF-8 is written as UTF-8, and one empty cell is no blank line", async () => {
  const bytes = Buffer.concat([Buffer.from('a\néé€\n""\nx'), Buffer.from([0xff]), Buffer.from("y\n")]);
  const { text } = await normalize(bytes, { delimiter: ",", quote: '"' });
  expect(text).toBe('a\néé€\n""\nx\ufffdy\n');
});
