import type { Table } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../check/check.ts";
import { buildTable } from "../check/check-all.test-kit.ts";
import { encodeText } from "../scan/encoding.ts";
import { memorySource } from "../scan/source.ts";
import { correct, handOut, openSheet, type SavedAs, saveSheet, type } from "./correct.test-kit.ts";
import { TooManyUnsorted } from "./correction-rows.ts";
import { recogniseReturned } from "./returned-file.ts";
import { tableInDialect } from "./table-in-dialect.ts";

const table = buildTable({
  columns: [{ name: "id", type: "integer", required: true }, { name: "born", type: "date" }, { name: "note" }],
});
const FILE = 'id;born;note\n1;2000-01-01;fine\nx;01.02.2000;"a;\nb"\n3;;ok\n4;2000-13-01; =1+1\n';

/** Hands a file's errors out, lets a person mend them, saves the sheet, and merges it. */
async function round(
  input: string | Buffer,
  mend: (sheet: string[][]) => void,
  saved: SavedAs = { delimiter: ";" },
  of = table,
) {
  const handed = await handOut(input, of);
  const sheet = await openSheet(handed);
  mend(sheet);
  const returned = await saveSheet(sheet, saved);
  return { handed, returned, ...(await correct(handed, returned)) };
}

describe("a mended error file", () => {
  it("puts the mended cells into the original's bytes, and leaves every other byte", async () => {
    const { bytes, merged, faults } = await round(FILE, (sheet) => {
      type(sheet, 2, "id", "2");
      type(sheet, 2, "born", "2000-02-01");
      type(sheet, 4, "born", "2000-12-01");
    });
    expect(faults).toEqual([]);
    expect(merged).toEqual({ records: 4, rows: 2, changed: 2 });
    expect(bytes.toString()).toBe('id;born;note\n1;2000-01-01;fine\n2;2000-02-01;"a;\nb"\n3;;ok\n4;2000-12-01; =1+1\n');
    expect(await check(memorySource(bytes), { table })).toMatchObject({ verdict: "pass", counts: { records: 4 } });
  });

  it("changes nothing when nothing was mended, and nothing in rows that were deleted", async () => {
    expect((await round(FILE, () => {})).bytes.toString()).toBe(FILE);
    const { bytes, merged } = await round(FILE, (sheet) => {
      type(sheet, 4, "born", "2000-12-01");
      sheet.splice(1, 1);
    });
    expect(merged).toEqual({ records: 4, rows: 1, changed: 1 });
    expect(bytes.toString()).toBe(FILE.replace("2000-13-01", "2000-12-01"));
  });

  it.each<[string, SavedAs]>([
    ["commas, with a byte-order mark", { delimiter: ",", bom: true }],
    ["semicolons, LF", { delimiter: ";", rowDelimiter: "\n" }],
    ["tabs", { delimiter: "\t" }],
    ["Windows-1252", { delimiter: ";", encoding: "windows-1252" }],
    ["quotes round everything", { delimiter: ",", quoteColumns: true }],
  ])("is understood when it comes back in %s", async (_, saved) => {
    const text = "id,born,note\r\n1,2000-01-01,Zoë\r\nx,,Łódź €\r\ny,,Zoë 😀\r\n";
    const { bytes, faults } = await round(text, (sheet) => type(sheet, 2, "id", "2"), saved);
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe(text.replace("x,,", "2,,"));
  });

  it("may have its columns moved, its rows sorted, and its other error columns taken out", async () => {
    const { bytes, faults } = await round(FILE, (sheet) => {
      type(sheet, 2, "id", "2");
      type(sheet, 4, "born", "2000-12-01");
      for (const row of sheet) row.splice(3, 7);
      for (const row of sheet) row.unshift(row.pop()!);
      sheet.push(...sheet.splice(1, 1));
    });
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe(FILE.replace("x;", "2;").replace("2000-13-01", "2000-12-01"));
  });

  it("may have lines above its column names, such as a spreadsheet's own", async () => {
    const handed = await handOut(FILE, table);
    const sheet = await openSheet(handed);
    type(sheet, 2, "id", "2");
    const saved = await saveSheet(sheet, { delimiter: ";" });
    const { bytes, faults } = await correct(handed, Buffer.concat([Buffer.from("sep=;\r\n\r\n"), saved]));
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe(FILE.replace("x;", "2;"));
  });

  it("keeps the encoding of a Windows-1252 file, and says what it cannot hold", async () => {
    const original = encodeText("id;born;note\nx;;Zoë\ny;;b\n", "windows-1252")!;
    const good = await round(original, (sheet) => type(sheet, 1, "note", "Zoé"));
    expect(good.bytes).toEqual(encodeText("id;born;note\nx;;Zoé\ny;;b\n", "windows-1252"));
    const bad = await round(original, (sheet) => type(sheet, 2, "note", "Łódź"));
    expect(bad.faults).toMatchObject([
      { code: "correction_not_encodable", record: 2, line: 3, column: "note", value: "Łódź" },
    ]);
  });

  it("never writes what was lost on the way", async () => {
    const utf8 = { ...table, format: { ...table.format, encoding: "utf-8" as const } };
    const original = Buffer.concat([Buffer.from("id;born;note\n1;;a"), Buffer.from([0xff]), Buffer.from("b\n")]);
    expect((await round(original, () => {}, undefined, utf8)).bytes).toEqual(original);
    const other = await round(original, (sheet) => type(sheet, 1, "id", "2"), undefined, utf8);
    expect(other.bytes).toEqual(Buffer.from(original.toString("latin1").replace("1;", "2;"), "latin1"));
    const half = await round(original, (sheet) => type(sheet, 1, "note", "c\ufffdd"), undefined, utf8);
    expect(half.faults).toMatchObject([{ code: "correction_not_readable", record: 1, column: "note" }]);
    const whole = await round(original, (sheet) => type(sheet, 1, "note", "ab"), undefined, utf8);
    expect(whole.bytes.toString()).toBe("id;born;note\n1;;ab\n");
  });

  it("is not led astray by what a spreadsheet makes of cells without a fault", async () => {
    const many = buildTable({
      columns: [
        { name: "id", header: "No.", type: "integer" },
        { name: "zip" },
        { name: "ean" },
        { name: "day", type: "date" },
        { name: "sum" },
        { name: "on" },
      ],
    });
    const text = "No.,zip,ean,day,sum,on\n5.0,01067,4006381333931,2026-11-02,1.50,true\n";
    const { bytes, merged } = await round(
      text,
      (sheet) => {
        const spelt = { "No.": "5", zip: "1067", ean: "4,00638E+12", day: "02.11.2026", sum: "1.5", on: "TRUE" };
        for (const [label, value] of Object.entries(spelt)) type(sheet, 1, label, value);
      },
      {},
      many,
    );
    expect(merged.changed).toBe(1);
    expect(bytes.toString()).toBe(text.replace("5.0", "5"));
    const meant = await round(text, (sheet) => type(sheet, 1, "day", "03.11.2026"), {}, many);
    expect(meant.bytes.toString()).toBe(text.replace("2026-11-02", "03.11.2026"));
  });

  it("quotes what needs it, as the file does", async () => {
    const quoted = await round('"id","born","note"\n"x","","a"\n', (sheet) => type(sheet, 1, "id", "1"), {});
    expect(quoted.bytes.toString()).toBe('"id","born","note"\n"1","","a"\n');
    const plain = await round("id,born,note\nx,,a\n", (sheet) => type(sheet, 1, "note", 'b, "c"\nd'), {});
    expect(plain.bytes.toString()).toBe('id,born,note\nx,,"b, ""c""\nd"\n');
    const none = { ...table, format: { ...table.format, quote: "none" as const } };
    const bare = await round("id,born,note\nx,,a\n", (sheet) => type(sheet, 1, "note", "b,c"), {}, none);
    expect(bare.faults).toMatchObject([{ code: "correction_not_writable", record: 1 }]);
  });

  it("does not let a record become a blank line", async () => {
    const one = buildTable({ columns: [{ name: "id", type: "integer" }] });
    const { faults, bytes } = await round("id\n1\nx\n3\n", (sheet) => type(sheet, 2, "id", ""), undefined, one);
    expect(faults.length === 1 || bytes.toString() === 'id\n1\n""\n3\n').toBe(true);
  });

  it("takes back what a spreadsheet was kept from running", async () => {
    const original = "id,born,note\nx,,\"=cmd|' /C calc'!A0\"\ny,,'t Hooft\nz,,'=1\n";
    const { bytes } = await round(
      original,
      (sheet) => ["x", "y", "z"].map((_, i) => type(sheet, i + 1, "id", `${i}`)),
      {},
    );
    expect(bytes.toString()).toBe(original.replace("x,", "0,").replace("y,", "1,").replace("z,", "2,"));
  });
});

describe("a record that could not be cut into cells", () => {
  const broken = 'id;born;note\n1;;a\n2;"2000-01-01;b\n3;;c;d\n4;;e\n';

  it("is mended in error_raw, which then is the record", async () => {
    const { bytes, faults } = await round(broken, (sheet) => {
      type(sheet, 2, "error_raw", "2;2000-01-01;b");
      type(sheet, 3, "error_raw", "3;;c d");
    });
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe("id;born;note\n1;;a\n2;2000-01-01;b\n3;;c d\n4;;e\n");
  });

  it("is mended in its cells, which are written anew", async () => {
    const { bytes, faults } = await round(broken, (sheet) => {
      type(sheet, 2, "born", "2000-01-01");
      type(sheet, 2, "note", "b");
    });
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe(broken.replace('"2000-01-01;b', "2000-01-01;b"));
  });

  it("is not mended in both, nor by what is no record", async () => {
    const both = await round(broken, (sheet) => {
      type(sheet, 2, "born", "2000-01-01");
      type(sheet, 2, "error_raw", "2;2000-01-01;b");
    });
    expect(both.faults).toMatchObject([{ code: "correction_ambiguous", record: 2, line: 2 }]);
    for (const raw of ['2;"2000-01-01;c', "2;;b\n9;;c"]) {
      const { faults } = await round(broken, (sheet) => type(sheet, 2, "error_raw", raw));
      expect(faults).toMatchObject([{ code: "correction_raw_broken", record: 2 }]);
    }
  });

  it("is replaced whole when it was longer than the limits, and otherwise kept whole", async () => {
    const small = { ...table, limits: { ...table.limits, recordBytes: 100 } };
    const long = `id;born;note\n1;;a\n2;;${"x".repeat(600_000)}\n3y;;b\n`;
    const kept = await round(long, (sheet) => type(sheet, 3, "id", "3"), undefined, small);
    expect(kept.bytes.toString() === long.replace("3y", "3")).toBe(true);
    const mended = await round(
      long,
      (sheet) => {
        type(sheet, 2, "id", "2");
        type(sheet, 2, "note", "short");
      },
      undefined,
      small,
    );
    expect(mended.faults).toEqual([]);
    expect(mended.bytes.toString().slice(0, 100)).toBe("id;born;note\n1;;a\n2;;short\n3y;;b\n");
    const raw = await round(long, (sheet) => type(sheet, 2, "error_raw", "2;;x"), undefined, small);
    expect(raw.faults).toMatchObject([{ code: "correction_raw_cut", record: 2 }]);
  });
});

describe("what is refused", () => {
  const faultsOf = async (mend: (sheet: string[][], ref: number) => void) =>
    (await round(FILE, (sheet) => mend(sheet, sheet[0]!.indexOf("error_ref")))).faults;

  it.each<[string, string, (sheet: string[][], ref: number) => void]>([
    ["a record that stands there twice", "correction_record_twice", (sheet) => sheet.push([...sheet[1]!])],
    ["a row without its reference", "correction_ref_missing", (sheet, ref) => (sheet[1]![ref] = "")],
    [
      "a reference that was dragged down",
      "correction_ref_changed",
      (sheet, ref) => (sheet[1]![ref] = sheet[1]![ref]!.replace("R2", "R3")),
    ],
    [
      "another batch's row",
      "correction_ref_foreign",
      (sheet, ref) => (sheet[2]![ref] = sheet[2]![ref]!.replace("B42", "B43")),
    ],
    ["columns that were sorted apart", "correction_ref_mixed", (sheet) => type(sheet, 2, "error_record", "4")],
    ["values beyond the last column", "correction_cells_extra", (sheet) => sheet[1]!.push("more")],
  ])("%s", async (_, code, mend) => {
    expect(await faultsOf(mend)).toMatchObject([{ code }]);
  });

  it("a record that the file does not have", async () => {
    const handed = await handOut(FILE, table);
    const more = { ...handed, original: Buffer.from(FILE.slice(0, FILE.indexOf("4;"))) };
    const { faults } = await correct(more, await saveSheet(await openSheet(handed)));
    expect(faults).toMatchObject([{ code: "correction_record_unknown", record: 4 }]);
  });
});

it("puts rows in order up to a limit, and says when they are too many; in order there is none", async () => {
  const handed = await handOut(FILE, table);
  const sheet = await openSheet(handed);
  type(sheet, 2, "id", "2");
  const few = { rows: 1, characters: 1000 };
  expect((await correct(handed, await saveSheet(sheet), few)).merged.changed).toBe(1);
  sheet.push(...sheet.splice(1).reverse());
  await expect(correct(handed, await saveSheet(sheet), few)).rejects.toThrow(TooManyUnsorted);
  expect((await correct(handed, await saveSheet(sheet))).merged.changed).toBe(1);
});

it("reads but the beginning of a file that only has columns called like ours", async () => {
  const bytes = Buffer.from(`id;error_code;error_message\n${"1;ä;ö\n".repeat(500_000)}`);
  let readBytes = 0;
  const source = {
    async *open(offset = 0) {
      for (let at = offset; at < bytes.length; at += 65_536) {
        const chunk = bytes.subarray(at, at + 65_536);
        readBytes += chunk.length;
        yield chunk;
      }
    },
  };
  expect(await recogniseReturned(source, table.limits)).toEqual({ kind: "ordinary" });
  expect(readBytes).toBeLessThan(1_000_000);
});

it.each<[string, Partial<Table["format"]>, Partial<Table["limits"]>]>([
  ["comments", { comment: "x" }, {}],
  ["a trailer", { trailer: "3" }, {}],
  ["spaces that are trimmed", { trimSpaces: true }, {}],
  ["two lines of names", { headerLines: 2 }, {}],
  ["backslashes", { escape: "backslash", delimiter: "," }, {}],
  ["tolerant reading", { reading: "tolerant" }, {}],
  ["another limit", {}, { recordBytes: 9 }],
])("is read as its original was, though the profile has %s by now", async (_, format, limits) => {
  const { handed, bytes } = await round(`Title\n\n${FILE}`, (sheet) => type(sheet, 4, "born", "2000-12-01"));
  const now = { ...table, format: { ...table.format, ...format }, limits: { ...table.limits, ...limits } };
  const { scan } = await check(memorySource(bytes), { table: tableInDialect(now, handed.report.scan!) });
  const { confidence: _c, ...dialect } = handed.report.scan!.dialect;
  expect(scan).toMatchObject({ ...handed.report.scan!, dialect });
});

it("is read as its original was, though that was before there were other ways to read", async () => {
  const { scan } = (await handOut(FILE, table)).report;
  const { escape: _e, comment: _c, reading: _r, trimSpaces: _s, trailer: _t, ...dialect } = scan!.dialect;
  const { format } = tableInDialect(table, JSON.parse(JSON.stringify({ ...scan, dialect })));
  expect(format).toMatchObject({ escape: "doubled", reading: "strict", trimSpaces: false });
});

it("finds the encoding of a file whose first character beyond ASCII comes late", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `x;;${"a".repeat(90)}${i}\n`).join("");
  const { bytes, faults, merged } = await round(
    `id;born;note\n${rows}x;;Zoë\n`,
    (sheet) => type(sheet, 3001, "id", "1"),
    { delimiter: ";", encoding: "windows-1252" },
  );
  expect({ faults, merged }).toEqual({ faults: [], merged: { records: 3001, rows: 3001, changed: 1 } });
  expect(bytes.toString().endsWith("2999\n1;;Zoë\n")).toBe(true);
});

describe("recognition", () => {
  const limits = table.limits;
  const kind = async (bytes: Buffer | string) =>
    (await recogniseReturned(memorySource(Buffer.from(bytes)), limits)).kind;

  it("goes by columns and references, not by the name", async () => {
    const handed = await handOut(FILE, table);
    expect(await recogniseReturned(memorySource(handed.errors), limits)).toMatchObject({
      kind: "returned",
      batchId: 42,
    });
    expect(await kind(FILE)).toBe("ordinary");
    expect(await kind("")).toBe("ordinary");
    expect(await kind("id,error_ref\n1,B12\n")).toBe("ordinary");
    expect(await kind("id,error_code,note\n1,error_ref,a\n")).toBe("ordinary");
    const sheet = await openSheet(handed);
    for (const row of sheet) row.pop();
    expect(await kind(await saveSheet(sheet))).toBe("unmarked");
  });

  it("finds the client's own columns also where they are called like ours", async () => {
    const own = buildTable({
      columns: [{ name: "id", type: "integer" }, { name: "error_code" }, { name: "error_ref" }],
    });
    const text = "id,error_code,error_ref\nx,E1,r\n";
    const { bytes, faults } = await round(text, (sheet) => type(sheet, 1, "id", "1"), {}, own);
    expect(faults).toEqual([]);
    expect(bytes.toString()).toBe("id,error_code,error_ref\n1,E1,r\n");
  });
});

it("gives back any text as it was, through the error file and a spreadsheet", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }).filter((value) => value.isWellFormed() && !value.includes("\0")),
    fc
      .array(fc.constantFrom("=", "+", "-", "@", "'", '"', "\t", "\r", "\n", " ", "\uff1d", "a", ";", ","), {
        maxLength: 6,
      })
      .map((parts) => parts.join("")),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(",", ";", "\t"),
      async (notes, delimiter) => {
        const lines = notes.map((note) => `x,,"${note.replaceAll('"', '""')}"\n`);
        const original = `id,born,note\n${lines.join("")}`;
        const as = { ...table, format: { ...table.format, encoding: "utf-8" as const } };
        const { bytes, merged, faults } = await round(original, () => {}, { delimiter }, as);
        expect({ faults, merged }).toEqual({
          faults: [],
          merged: { records: notes.length, rows: notes.length, changed: 0 },
        });
        expect(bytes.equals(Buffer.from(original))).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

it("holds on to the records whatever a file that comes back holds", async () => {
  const handed = await handOut(`${FILE}5;;"a";b\n6y;;"c;d"\n`, table);
  const sheet = await openSheet(handed);
  type(sheet, 2, "id", "2");
  const returned = await saveSheet(sheet);
  const change = fc.record({
    at: fc.nat(returned.length - 1),
    remove: fc.nat(3),
    insert: fc.array(fc.constantFrom(...Buffer.from('",;\n\r\t1aB-R\0'), 0xff, 0xc3), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
      const damaged = changes.reduce(
        (bytes, { at, remove, insert }) =>
          Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + remove)]),
        returned,
      );
      if ((await recogniseReturned(memorySource(damaged), table.limits)).kind !== "returned") return;
      const { bytes, faults, merged } = await correct(handed, damaged);
      expect(merged.records).toBe(6);
      if (faults.length > 0) return;
      const report = await check(memorySource(bytes), { table: tableInDialect(table, handed.report.scan!) });
      expect(report.counts.records).toBe(6);
    }),
    { numRuns: 250 },
  );
});

it("mends any file in any dialect: the check passes, and untouched records keep their bytes", async () => {
  const cell = fc
    .array(
      fc.constantFrom('"', "'", ",", ";", "\n", "\r\n", "é", "€", "Ł", "a", " ", "=", "+", "-", "@", "\t", "\\", "|"),
      {
        maxLength: 5,
      },
    )
    .map((parts) => parts.join(""));
  const record = fc.record({ note: cell, isBad: fc.boolean(), isQuoted: fc.boolean(), mends: cell });
  const dialect = fc.record({
    delimiter: fc.constantFrom(",", ";", "|", "\t"),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    ends: fc.boolean(),
    bom: fc.boolean(),
    isSorted: fc.boolean(),
    savedWith: fc.constantFrom(",", ";", "\t"),
    savedEnd: fc.constantFrom("\n", "\r\n"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), dialect, async (records, d) => {
      const of = { ...table, format: { ...table.format, delimiter: d.delimiter, quote: '"' as const } };
      const lines = records.map(({ note, isBad, isQuoted }, i) => {
        const needs = isQuoted || /["\r\n]/.test(note) || note.includes(d.delimiter) || i === 0;
        const text = needs ? `"${note.replaceAll('"', '""')}"` : note;
        return `${isBad ? "x" : i + 1}${d.delimiter}${d.delimiter}${text}`;
      });
      const text =
        (d.bom ? "\ufeff" : "") +
        [["id", "born", "note"].join(d.delimiter), ...lines].join(d.end) +
        (d.ends ? d.end : "");
      const handed = await handOut(text, of);
      const bad = records.flatMap(({ isBad }, i) => (isBad ? [i + 1] : []));
      expect(handed.report.counts.rejected).toBe(bad.length);
      if (bad.length === 0) return;
      const sheet = await openSheet(handed);
      for (const n of bad) {
        type(sheet, n, "id", String(n));
        const { mends } = records[n - 1]!;
        type(sheet, n, "note", /^[=+\-@\t\r\n']/.test(mends) ? `'${mends}` : mends);
      }
      if (!d.isSorted) sheet.push(...sheet.splice(1).reverse());
      const returned = await saveSheet(sheet, { delimiter: d.savedWith, rowDelimiter: d.savedEnd });
      const { bytes, faults, merged } = await correct(handed, returned);
      expect(faults).toEqual([]);
      expect(merged).toEqual({ records: records.length, rows: bad.length, changed: bad.length });
      const notes: (string | undefined)[] = [];
      const report = await check(memorySource(bytes), {
        table: { ...tableInDialect(of, handed.report.scan!), invalid: { policy: "skip" } },
        sinks: {
          failed: { begin: () => {}, add: (failed) => void notes.push(JSON.stringify(failed)), flush: async () => {} },
        },
      });
      expect(notes).toEqual([]);
      expect(report).toMatchObject({ verdict: "pass", counts: { records: records.length, rejected: 0 } });
      const before = text.split(d.end);
      if (records.every(({ note, mends }) => !/[\r\n]/.test(note + mends))) {
        const after = bytes.toString().split(d.end);
        expect(after).toHaveLength(before.length);
        before.forEach((line, i) => {
          if (!bad.includes(i)) expect(after[i]).toBe(line);
        });
      }
    }),
    { numRuns: 200 },
  );
});
