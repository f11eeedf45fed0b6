import type { Issue } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { RECORD_FAULTY } from "../scan/record-block.ts";
import { type Scanned, scanAll, WIDE_LIMITS } from "../scan/scan-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { styles, tables, writeTable } from "../scan/written-table.test-kit.ts";
import { dialects, hostileFiles, NARROW_LIMITS, planOf } from "../window/hostile-file.test-kit.ts";
import type { Edit } from "./edits.ts";
import { fixesOf } from "./fixes-of.ts";
import { type EditsWritten, editFault, writeEdits } from "./write-edits.ts";

async function write(bytes: Buffer, plan: ScanPlan, edits: readonly Edit[]) {
  const chunks: Buffer[] = [];
  const writing = writeEdits({ source: memorySource(bytes), plan, edits });
  for (;;) {
    const { value, done } = await writing.next();
    if (done) return { bytes: Buffer.concat(chunks), written: value as EditsWritten };
    chunks.push(value);
  }
}

/** With a header; see planOf. */
function planWithHeader(text: string, dialect: Partial<Dialect> = {}): ScanPlan {
  const plan = planOf({ delimiter: ",", quote: '"', ...dialect });
  const [first] = text.split("\n");
  const end = Buffer.byteLength(first!);
  const labels = first!.split(plan.dialect.delimiter);
  return { ...plan, header: { offset: 0, end, line: 1, labels }, data: { offset: end + 1, line: 2 } };
}

async function edited(text: string, edits: readonly Edit[], dialect: Partial<Dialect> = {}): Promise<string> {
  const { encoding = "utf-8" } = dialect;
  const { bytes } = await write(encodeText(text, encoding)!, planWithHeader(text, dialect), edits);
  return encoding === "utf-8" ? bytes.toString() : bytes.toString("latin1");
}

/** Behind spaces an open quote is called stray; beyond the last column, and in trailers, nobody says here what is wrong. */
const OPEN_QUOTES: ReadonlySet<string> = new Set(["quote_unclosed", "quote_stray", "columns_too_many"]);

const cell = (record: number, columnIndex: number, value: string): Edit => ({ record, columnIndex, value });
const whole = (record: number, value: string): Edit => ({ record, columnIndex: null, value });

/** What stands between the records, and the records that nobody edited. */
function keptBytes(bytes: Buffer, { starts, ends }: Scanned, editedRecords: ReadonlySet<number>): string[] {
  const kept: string[] = [];
  let from = 0;
  starts.forEach((start, r) => {
    kept.push(bytes.toString("latin1", from, start));
    if (!editedRecords.has(r + 1)) kept.push(bytes.toString("latin1", start, ends[r]));
    from = ends[r]!;
  });
  return [...kept, bytes.toString("latin1", from)];
}

/** The cells after edits, as a list of lists has them. */
function apply(records: readonly string[][], edits: readonly Edit[]): string[][] {
  const after = records.map((cells) => [...cells]);
  for (const { record, columnIndex, value } of edits) {
    const cells = after[record - 1]!;
    while (cells.length <= columnIndex!) cells.push("");
    cells[columnIndex!] = value;
  }
  return after;
}

describe("a file with edits", () => {
  const values = fc.oneof(
    fc
      .array(fc.constantFrom('"', "'", ",", ";", "\t", "\n", "\r\n", "\\", "#", " ", "a", "é", "TOTAL", "😀"), {
        maxLength: 6,
      })
      .map((parts) => parts.join("")),
    fc.constantFrom("", "x", "17"),
  );
  const picks = fc.array(fc.record({ record: fc.nat(), columnIndex: fc.nat(4), value: values }), { maxLength: 8 });
  const sorted = (list: readonly Edit[]) => [...list].sort((a, b) => a.record - b.record);

  it("reads back with them, in every dialect, and all else is as it was, byte by byte", async () => {
    let refusals = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(tables, styles, picks, async (table, style, picked) => {
        const { text, records } = writeTable(table, style);
        const bytes = Buffer.from(text);
        const width = records[0]!.length;
        const plan = planOf({ ...style.marks, quoteAll: style.quoteAll }, WIDE_LIMITS);
        plan.header.labels = Array.from({ length: width }, (_, i) => `c${i}`);
        const edits = sorted(
          picked.map(({ record, columnIndex, value }) =>
            cell(1 + (record % records.length), columnIndex % width, value),
          ),
        );
        const before = await scanAll(memorySource(bytes), plan.dialect, plan.limits);
        expect(before.records).toEqual(records);
        runs += 1;
        let done: Awaited<ReturnType<typeof write>>;
        try {
          done = await write(bytes, plan, edits);
        } catch (error) {
          expect(error).toMatchObject({ code: "edit_not_writable" });
          // With quotes every value can be written, but for one that makes a trailer of its record.
          const isTrailer = edits.some(({ columnIndex, value }) => columnIndex === 0 && value.startsWith("TOTAL"));
          expect(plan.dialect.quote === null || isTrailer).toBe(true);
          refusals += 1;
          return;
        }
        const after = await scanAll(memorySource(done.bytes), plan.dialect, plan.limits);
        expect(after.records).toEqual(apply(records, edits));
        // Spaces round quotes, which tolerant reading forgives, may have gone with an edit.
        expect(after.levels).not.toContain(RECORD_FAULTY);
        expect(after.faults.length).toBeLessThanOrEqual(before.faults.length);
        const touched = new Set(edits.map(({ record }) => record));
        expect(keptBytes(done.bytes, after, touched)).toEqual(keptBytes(bytes, before, touched));
        expect(done.written).toEqual({ records: records.length, changed: touched.size, edits: edits.length });
      }),
      { numRuns: 500 },
    );
    expect(refusals).toBeLessThan(runs / 4);
  });

  it("holds on to its records whatever it holds: a broken one may be mended cell by cell, or as a whole", async () => {
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(hostileFiles, dialects, picks, async ({ bytes, offset }, marks, picked) => {
        const plan = planOf(marks, undefined, offset);
        const before = await scanAll(memorySource(bytes.subarray(offset)), plan.dialect, plan.limits);
        if (before.records.length === 0) return;
        const edits = sorted(
          picked.map(({ record, columnIndex, value }) => {
            const number = 1 + (record % before.records.length);
            return cell(number, columnIndex % Math.max(1, before.records[number - 1]!.length), value);
          }),
        );
        let done: Awaited<ReturnType<typeof write>>;
        try {
          done = await write(bytes, plan, edits);
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^edit_(not_writable|record_too_long|column_unknown)$/);
          return;
        }
        if (edits.length === 0) expect(done.bytes.equals(bytes)).toBe(true);
        expect(done.bytes.subarray(0, offset)).toEqual(bytes.subarray(0, offset));
        const after = await scanAll(memorySource(done.bytes.subarray(offset)), plan.dialect, plan.limits);
        const touched = new Set(edits.map(({ record }) => record));
        // A quote that is left open somewhere may be closed by an edit: then the count mostly says so.
        const mayBeOpen = before.trailerLines > 0 || before.faults.some(({ code }) => OPEN_QUOTES.has(code));
        const isOpen = edits.length > 0 && mayBeOpen;
        if (isOpen && after.records.length !== done.written.records) return;
        expect(after.records).toHaveLength(before.records.length);
        if (isOpen) return;
        expect(after.records).toEqual(apply(before.records, edits));
        expect(keptBytes(done.bytes.subarray(offset), after, touched)).toEqual(
          keptBytes(bytes.subarray(offset), before, touched),
        );
        if (edits.some(({ record }) => before.levels[record - 1] !== 0)) mended += 1;
      }),
      { numRuns: 250 },
    );
    expect(mended).toBeGreaterThan(10);
  });

  it.each<[string, string, Edit[], string]>([
    ["quotes where they are needed", "a,b\n1,x\n", [cell(1, 1, 'say "hi", you')], 'a,b\n1,"say ""hi"", you"\n'],
    ["keeps quotes that were there, and spaces", 'a,b\r\n "1" , x\r\n', [], 'a,b\r\n "1" , x\r\n'],
    ["keeps the others' spelling", 'a,b,c\n"1",x,"3"', [cell(1, 1, "y")], 'a,b,c\n"1",y,"3"'],
    ["stays quoted", 'a,b\n"1","x"\n', [cell(1, 1, "y")], 'a,b\n"1","y"\n'],
    ["makes a short record longer", "a,b,c,d\n1\n2,x\n", [cell(1, 2, "z"), cell(2, 1, "y")], "a,b,c,d\n1,,z\n2,y\n"],
    ["mends a stray quote", 'a,b,c\n1,x"y,3\n', [cell(1, 1, "xy")], "a,b,c\n1,xy,3\n"],
    ["keeps a stray quote beside", 'a,b,c\n1,x"y,3\n', [cell(1, 2, "4")], 'a,b,c\n1,x"y,4\n'],
    ["mends spaces round quotes", 'a,b\n1, "x"\n', [cell(1, 1, "y")], 'a,b\n1,"y"\n'],
    ["mends text after a quote", 'a,b,c\n1,"x"y,3\n', [cell(1, 1, "xy")], "a,b,c\n1,xy,3\n"],
    ["mends an open quote", 'a,b,c\n1,"x,3\n2,y,z\n', [cell(1, 1, "x"), cell(1, 2, "3")], "a,b,c\n1,x,3\n2,y,z\n"],
    ["writes anew what an open quote would swallow", 'a,b,c\n1,"x\n', [cell(1, 2, "3")], 'a,b,c\n1,"""x",3\n'],
    ["takes a whole record", 'a,b\n1,x"y\n2,z\n', [whole(1, '1,"x""y"')], 'a,b\n1,"x""y"\n2,z\n'],
    ["edits cells of a whole record", 'a,b\n1,x"y\n', [cell(1, 0, "2"), whole(1, '1,"x""y"')], 'a,b\n2,"x""y"\n'],
    ["takes the last edit of a cell", "a,b\n1,x\n", [cell(1, 1, "y"), cell(1, 1, "z")], "a,b\n1,z\n"],
    ["is no blank line", "a\n1\n2\n", [cell(1, 0, "")], 'a\n""\n2\n'],
    ["keeps blank lines and cells too many", "a,b\n\n1,x,y\n\n", [cell(1, 1, "z")], "a,b\n\n1,z,y\n\n"],
  ])("%s", async (_, text, edits, expected) => {
    expect(await edited(text, edits)).toBe(expected);
  });

  it("is no comment and no trailer by an edit", async () => {
    const text = "a,b\n1,x\n2,y\nEND,2\n";
    const edits = [cell(1, 0, "#1"), cell(2, 0, "END")];
    expect(await edited(text, edits.slice(0, 1), { comment: "#", trailer: "END" })).toBe('a,b\n"#1",x\n2,y\nEND,2\n');
    await expect(edited(text, edits, { comment: "#", trailer: "END" })).rejects.toMatchObject({
      code: "edit_not_writable",
    });
  });

  it("is written in Windows-1252, where the value has a place there", async () => {
    const dialect = { encoding: "windows-1252", delimiter: ";" } as const;
    expect(await edited("a;b\n1;é\n", [cell(1, 0, "€")], dialect)).toBe("a;b\n\x80;é\n");
    const refused = edited("a;b\n1;é\n", [cell(1, 0, "Ł")], dialect);
    await expect(refused).rejects.toMatchObject({
      ...{ code: "edit_not_encodable", context: { record: 1, columnIndex: 0 }, edit: { value: "Ł" } },
      message: expect.stringMatching(/^Record 1, a: .*windows-1252/),
    });
  });

  it.each<[string, Edit[], string]>([
    ["beyond the last record", [cell(1, 0, "x"), cell(3, 0, "x")], "edit_record_unknown"],
    ["beyond the last column", [cell(1, 2, "x")], "edit_column_unknown"],
    ["before the first column", [cell(1, -1, "x")], "edit_column_unknown"],
    ["that is out of order", [cell(2, 0, "x"), cell(1, 0, "x")], "edits_unsorted"],
    ["of record 0", [cell(0, 0, "x")], "edits_unsorted"],
    ["with a NUL character", [cell(1, 0, "\0")], "edit_not_writable"],
    ["longer than a cell may be", [cell(1, 0, "x".repeat(NARROW_LIMITS.fieldBytes + 1))], "edit_not_writable"],
    ["that makes two records", [whole(1, "1,x\n2,y")], "edit_not_writable"],
    ["that is broken as a whole", [whole(1, '1,x"y')], "edit_not_writable"],
  ])("is refused with an edit %s", async (_, edits, code) => {
    await expect(edited("a,b\n1,x\n2,y\n", edits)).rejects.toMatchObject({ code });
  });

  it("is refused where a record is longer than its limit, unless that is written as a whole", async () => {
    const text = `a,b\n1,${"x".repeat(500_000)}\n2,y\n`;
    await expect(edited(text, [cell(1, 0, "x")])).rejects.toMatchObject({ code: "edit_record_too_long" });
    expect(await edited(text, [whole(1, "1,x"), cell(2, 1, "z")])).toBe("a,b\n1,x\n2,z\n");
  });

  it("does not lose what nobody can read beside an edit", async () => {
    const bytes = Buffer.concat([
      Buffer.from('a,b,c\n"'),
      Buffer.from([0xff]),
      Buffer.from(",x\n1,"),
      Buffer.from([0xff]),
      Buffer.from(",z\n"),
    ]);
    const plan = planWithHeader("a,b,c\n");
    const kept = await write(bytes, plan, [cell(2, 0, "2")]);
    expect(kept.bytes.includes(Buffer.from([0x32, 0x2c, 0xff, 0x2c]))).toBe(true);
    await expect(write(bytes, plan, [cell(1, 2, "z")])).rejects.toMatchObject({ code: "edit_not_writable" });
  });

  it("says beforehand which values it cannot hold", () => {
    const plan = planWithHeader("a;b\n", { delimiter: ";", encoding: "windows-1252" });
    expect(editFault(plan, cell(1, 1, 'x;"\n€'))).toBeNull();
    expect(editFault(plan, cell(1, 1, "Ł"))).toMatchObject({ code: "edit_not_encodable" });
    expect(editFault(plan, cell(1, 1, "\0"))).toMatchObject({ code: "edit_not_writable" });
    expect(editFault(plan, whole(1, 'x;"y'))).toMatchObject({ code: "edit_not_writable" });
    const bare = planWithHeader("a;b\n", { delimiter: ";", quote: null });
    expect(editFault(bare, cell(1, 1, "x;y"))).toMatchObject({ code: "edit_not_writable" });
  });
});

it("applies what a check suggests, to all findings, and passes then", async () => {
  const table = buildTable({
    columns: [{ name: "id", type: "integer" }, { name: "born", type: "date" }, { name: "note" }],
    format: { delimiter: ",", quote: '"' },
  });
  const rows = Array.from({ length: 500 }, (_, i) => {
    if (i % 3 === 0) return `"${i} ",2024-01-31,"a"`;
    return i % 3 === 1 ? `${i},31.01.2024,` : `${i},2024-01-31,say "hi"`;
  });
  const bytes = Buffer.from(
    `note,id,born\n${rows.map((row) => row.replace(/^([^,]*),([^,]*),(.*)$/, "$3,$1,$2")).join("\n")}\n`,
  );
  const { report, issues } = await checkAll(bytes, table);
  expect(report.verdict).toBe("fail");
  const fixes: Edit[] = [];
  for await (const edit of fixesOf(issues, report.columns)) fixes.push(edit);
  expect(fixes).toHaveLength(report.counts.rejected);
  const mended = await write(bytes, report.scan!, fixes);
  expect(mended.written).toEqual({ records: 500, changed: fixes.length, edits: fixes.length });
  const wanted = bytes.toString().replaceAll('say "hi"', '"say ""hi"""').replaceAll("31.01.2024", "2024-01-31");
  expect(mended.bytes.toString()).toBe(wanted.replace(/"([0-9]+) "/g, '"$1"'));
  const again = await checkAll(mended.bytes, table);
  expect(again.issues).toEqual([]);
  expect(again.report.counts).toEqual({ records: 500, valid: 500, rejected: 0 });

  const odd: Partial<Issue>[] = [{ record: null }, { column: null }, { column: "id,born" }, { fix: null }];
  const none: Edit[] = [];
  const base = issues.find(({ column, fix }) => column === "id" && fix !== null)!;
  for await (const edit of fixesOf(
    odd.map((facts) => ({ ...base, ...facts })),
    report.columns,
  ))
    none.push(edit);
  expect(none).toEqual([]);
});
