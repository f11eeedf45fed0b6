import { tableSchema } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import { ErrorFile } from "../returned/error-file.ts";
import { withColumns } from "../returned/with-columns.ts";
import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { recordTexts } from "../scan/field-text.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import { type ByteSource, memorySource } from "../scan/source.ts";
import { blankCanonical } from "./blank-canonical.ts";
import { blankErrorFile } from "./blank-error-file.ts";
import { blankRecords } from "./blank-records.ts";
import type { BlankedBytes } from "./blanked.ts";
import { findCanonicalValue, findValue } from "./find-value.ts";
import { resultPlan } from "./result-plan.ts";

const { limits } = tableSchema.parse({ name: "t", columns: [{ name: "a" }] });

function planOf(dialect: Partial<Dialect>, over: Partial<typeof limits> = {}): ScanPlan {
  const usual: Dialect = {
    ...{
      encoding: "utf-8",
      bom: false,
      delimiter: ",",
      quote: '"',
      escape: "doubled",
      comment: null,
      reading: "strict",
    },
    ...{ trimSpaces: false, trailer: null, lineEnd: "\n", quoteAll: false, confidence: 1 },
  };
  const header = { offset: 0, end: 0, line: 1, labels: ["a", "b"], records: 0 };
  return { dialect: { ...usual, ...dialect }, limits: { ...limits, ...over }, header, data: { offset: 0, line: 1 } };
}

/** Several chunks, so that windows have edges everywhere. */
const cut = (bytes: Buffer, chunkBytes: number): ByteSource => ({
  async *open(offset = 0) {
    for (let at = offset; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  },
});

async function written(bytes: Buffer, changes: AsyncIterable<BlankedBytes>): Promise<Buffer> {
  const copy = Buffer.from(bytes);
  for await (const { offset, bytes: blanked } of changes) copy.set(blanked, offset);
  expect(copy.length).toBe(bytes.length);
  return copy;
}

async function gathered<T>(all: AsyncIterable<T>, copy = (each: T) => each): Promise<T[]> {
  const list: T[] = [];
  for await (const each of all) list.push(copy(each));
  return list;
}

interface Met {
  place: number[];
  texts: string[];
}

async function scan(bytes: Buffer, { dialect, limits: bounds, data }: ScanPlan): Promise<Met[]> {
  const met: Met[] = [];
  for await (const block of scanBlocks(memorySource(bytes), { marks: dialect, limits: bounds, ...data })) {
    for (let r = 0; r < block.count; r += 1) {
      const place = [block.starts[r]!, block.ends[r]!].map((at) => at + block.baseOffset);
      const fields = block.firstFields[r + 1]! - block.firstFields[r]!;
      const texts = recordTexts(block, r, dialect.encoding, dialect.quote);
      met.push({ place: [...place, fields, block.faulty[r]!], texts });
    }
  }
  return met;
}

describe("records that are blanked", () => {
  const dialects: Partial<Dialect>[] = [
    {},
    { reading: "tolerant" },
    { reading: "tolerant", trimSpaces: true, delimiter: "\t" },
    { escape: "backslash", quote: "'", comment: "#" },
    { escape: "backslash", quote: null, delimiter: ";" },
    { encoding: "windows-1252", delimiter: "|", quote: null, trailer: "X" },
  ];
  const pieces = [
    "Anna",
    "é",
    "日",
    " ",
    "\t",
    ",",
    ";",
    "|",
    '"',
    '""',
    "'",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "#",
    "X",
    "x",
    "\0",
  ];

  it.each(dialects)("are met again where they were, in any file: %o", async (dialect) => {
    const plan = planOf(dialect, { recordBytes: 100, fieldBytes: 60, columns: 4, linesInField: 3 });
    const file = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => Buffer.from(all.join("")));
    await fc.assert(
      fc.asyncProperty(
        file,
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        async (bytes, which, chunkBytes) => {
          const before = await scan(bytes, plan);
          const records = before.map((_, index) => index + 1).filter((record) => which[record % 30] ?? false);
          const source = cut(bytes, chunkBytes);
          const after = await written(bytes, blankRecords({ source, plan, records, toEnd: true }));
          const met = await scan(after, plan);
          expect(met.map(({ place }) => place)).toEqual(before.map(({ place }) => place));
          for (const [index, { texts }] of met.entries()) {
            if (!records.includes(index + 1)) expect(texts).toEqual(before[index]!.texts);
            else expect(texts.join("")).not.toMatch(/Anna|é|日/);
          }
          // All that is no record of them has its bytes.
          const isTheirs = (at: number) =>
            records.some((record) => {
              const next = before[record]?.place[0] ?? bytes.length;
              return at >= before[record - 1]!.place[0]! && at < next;
            });
          for (let at = 0; at < bytes.length; at += 1) if (!isTheirs(at)) expect(after[at]).toBe(bytes[at]);
          const again = await written(after, blankRecords({ source: memorySource(after), plan, records }));
          expect(again.equals(after)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("loses the rest of a record that goes on beyond its limit, over several windows", async () => {
    const plan = planOf({}, { recordBytes: 1_000 });
    const bytes = Buffer.from(`1,a\n2,${"secret ".repeat(100_000)}\n3,b\n`);
    const after = await written(bytes, blankRecords({ source: cut(bytes, 5_000), plan, records: [2] }));
    expect(after.includes("secret")).toBe(false);
    expect(after.toString().replace(/^2?.*xxxxxx.*$/m, "-")).toBe("1,a\n-\n3,b\n");
  });
});

describe("a recipient of a checked file", () => {
  const table = buildTable({
    columns: [{ name: "id", type: "integer" }, { name: "name" }, { name: "born", type: "date", format: "dd/MM/yyyy" }],
    invalid: { policy: "skip" },
  });
  const rows = [
    "id;name;born",
    '1;"Zoë ""Z"" Ü;l";01/02/1990',
    '2;"two\r\nlines";03/04/1991',
    "x;Ürgüp;never",
    '4;"Zoë";05/06/1992',
    "5;Zoë;07/08/1993",
  ];
  const bytes = Buffer.from(`${rows.join("\r\n")}\r\n`, "latin1");

  async function checked() {
    const errors: Buffer[] = [];
    const file = await checkAll(bytes, table);
    const scanned = file.report.scan!;
    const errorFile = new ErrorFile((chunk) => void errors.push(chunk), { batchId: 1, sha256: "" });
    errorFile.begin(scanned);
    for (const record of file.failed) errorFile.add(record);
    await errorFile.end();
    return { ...file, plan: scanned, errors: Buffer.concat(errors) };
  }

  it("is found by a cell as the file has it, and as Inlet has it", async () => {
    const { plan, canonical } = await checked();
    const found = async (value: string, place: number) =>
      await gathered(findValue({ source: cut(bytes, 7), plan, fields: new Set([place]), value }));
    expect(await found("Zoë", 1)).toEqual([4, 5]);
    expect(await found('Zoë "Z" Ü;l', 1)).toEqual([1]);
    expect(await found("two\r\nlines", 1)).toEqual([2]);
    expect(await found("05/06/1992", 2)).toEqual([4]);
    expect(await found("Zoë", 2)).toEqual([]);
    expect(await found("日", 1)).toEqual([]);
    // A record that is broken in any way is not known by its columns, but this one is whole.
    expect(await found("never", 2)).toEqual([3]);
    const ours = async (column: number, value: string) =>
      await gathered(findCanonicalValue(cut(canonical, 5).open(), { column, value }));
    expect(await ours(2, "1992-06-05")).toEqual([4]);
    expect(await ours(1, "two\r\nlines")).toEqual([2]);
    expect(await ours(1, "1")).toEqual([]);
    expect(await ours(0, "5")).toEqual([5]);
  });

  it("is gone from plain, canonical, result and error file, and nobody else is touched", async () => {
    const { plan, canonical, rejectedBytes, errors } = await checked();
    const records = [1, 2, 3];
    const plain = await written(bytes, blankRecords({ source: cut(bytes, 11), plan, records }));
    const lines = plain.toString("latin1").split("\r\n");
    expect(lines[0]).toBe(rows[0]);
    expect(lines.slice(1, 4)).toEqual([
      `x;"${"x".repeat(13)}";${"x".repeat(10)}`,
      'x;"xxx',
      `xxxxx";${"x".repeat(10)}`,
    ]);
    expect(lines.slice(4)).toEqual(["x;xxxxx;xxxxx", ...rows.slice(4), ""]);

    const chunks = withColumns({
      source: memorySource(bytes),
      plan,
      rejected: rejectedBytes,
      added: {
        labels: ["link"],
        widths: [5],
        fill: (numbers, target) => void target.write("http:".repeat(numbers.length)),
      },
    });
    const result = Buffer.concat(await gathered(chunks, (chunk) => Buffer.from(chunk)));
    const resultScan = resultPlan(plan, ["link"]);
    const source = memorySource(result);
    // Record 3 was rejected, so the file has no row of it.
    const changes = blankRecords({ source, plan: resultScan, records: [1, 2], toEnd: true });
    const after = (await written(result, changes)).toString("latin1");
    expect(after).not.toMatch(/Z"" Ü|two|1990|1991/);
    expect(after.endsWith(`${rows[4]};http:\r\n${rows[5]};http:\r\n`)).toBe(true);
    expect((await scan(Buffer.from(after, "latin1"), resultScan)).length).toBe(4);

    const ours = (await written(canonical, blankCanonical(cut(canonical, 6).open(), records))).toString();
    expect(ours).toMatch(/^1\tx\tx+\tx{10}\n2\tx\tx+\tx{10}\n4\t4\tZoë\t1992-06-05\n5\t/);

    const failed = (await written(errors, blankErrorFile(memorySource(errors), plan, new Set(records)))).toString();
    expect(failed).not.toMatch(/rgüp|never/);
    expect(failed).toMatch(/;3;"?id/);
    expect(failed.split("\r\n")[0]).toBe(errors.toString().split("\r\n")[0]);
  });
});
