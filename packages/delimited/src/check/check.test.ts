import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../scan/encoding.ts";
import { memorySource } from "../scan/source.ts";
import { check } from "./check.ts";
import { buildTable, checkAll } from "./check-all.test-kit.ts";

const people = buildTable({
  columns: [{ name: "id", type: "integer", required: true }, { name: "name" }, { name: "born", type: "date" }],
});
const skipping = { ...people, invalid: { policy: "skip" } as const };

describe("a good file", () => {
  it("passes, with its records in the table's column order", async () => {
    const { report, lines, issues, rejected } = await checkAll("Born;NAME;id\n2000-01-01;Zoë;7\n;;8\n", people);
    expect(report).toMatchObject({
      verdict: "pass",
      reason: null,
      counts: { records: 2, valid: 2, rejected: 0 },
      scan: { dialect: { delimiter: ";", quote: '"', encoding: "utf-8", bom: false, lineEnd: "\n" } },
    });
    expect(lines).toEqual(["1\t7\tZoë\t2000-01-01", "2\t8\t\\N\t\\N"]);
    expect(issues).toEqual([]);
    expect(rejected).toEqual([]);
  });

  it("may have a byte-order mark, stray spaces in its header and blank lines", async () => {
    const { report, lines } = await checkAll("\ufeff id , name,\u00a0born\r\n\r\n1,a,2000-01-01\r\n", people);
    expect(report.verdict).toBe("pass");
    expect(report.scan?.dialect).toMatchObject({ bom: true, lineEnd: "\r\n" });
    expect(report.issues.byCode).toEqual({ blank_lines: 1 });
    expect(lines).toEqual(["1\t1\ta\t2000-01-01"]);
  });

  it("may have title lines, extra columns and a missing optional one", async () => {
    const table = buildTable({
      columns: [
        { name: "id", type: "integer" },
        { name: "note", optional: true },
      ],
    });
    const { report, lines } = await checkAll("Export of 2026\n\nid|shoe size\n1|43\n", table);
    expect(report.verdict).toBe("pass");
    expect(report.scan?.header).toMatchObject({ offset: 16, line: 3, labels: ["id", "shoe size"] });
    expect(report.issues.byCode).toEqual({ title_lines: 1 });
    expect(lines).toEqual(["1\t1\t\\N"]);
  });

  it("is read in Windows-1252 when one byte near its end is no UTF-8", async () => {
    const head = `id,name,born\n${"1,plain,2000-01-01\n".repeat(40_000)}`;
    const bytes = Buffer.concat([Buffer.from(head), encodeText("2,Zoë €,\n", "windows-1252")!]);
    const { report, lines } = await checkAll(bytes, people);
    expect(report.scan?.dialect.encoding).toBe("windows-1252");
    expect(report.firstInvalidUtf8).toEqual({ offset: head.length + 4, line: 40_002 });
    expect(lines.at(-1)).toBe("40001\t2\tZoë €\t\\N");
  });
});

describe("what is wrong with a file", () => {
  it.each<[string, string | Buffer, string]>([
    ["nothing in it", "", "file_empty"],
    ["a byte-order mark alone", "\ufeff", "file_empty"],
    ["blank lines alone", "\n\r\n  \n", "file_empty"],
    ["a header alone", "id,name,born\n", "records_missing"],
    ["a header alone, without line end", "id,name,born", "records_missing"],
    ["no header", "1,a,2000-01-01\n2,b,2000-01-01\n", "header_not_found"],
    ["a column missing", "id,name\n1,a\n", "column_missing"],
    ["a column twice", "id,name,born,Name\n1,a,,b\n", ""],
    ["a column twice by the same label", "id,name,born,name\n1,a,,b\n", "header_duplicate"],
    ["a column without a name", "id,,name,born\n1,,a,\n", "header_blank"],
    ["a header with an open quote", 'id,"name,born\n1,a,\n', "header_broken"],
    ["UTF-16", Buffer.from("\ufeffid,name,born\n", "utf16le"), "file_utf16"],
  ])("%s", async (_, input, code) => {
    const { report } = await checkAll(input, people);
    expect(report.reason?.code ?? "").toBe(code);
    expect(report.verdict).toBe(code === "" ? "pass" : "fail");
  });

  it("says what is wrong with the header and with the records in one answer", async () => {
    const { report, issues } = await checkAll("id,name\n1,a\nx,b\n", people);
    expect(issues.map(({ code, line, column }) => [code, line, column])).toEqual([
      ["column_missing", 1, "born"],
      ["not_an_integer", 3, "id"],
    ]);
    expect(report.counts).toEqual({ records: 2, valid: 1, rejected: 1 });
    expect(report.reason?.message).toContain("born");
  });

  it("refuses unknown columns where the table does, and labels that are going to be added", async () => {
    const strict = { ...people, extraColumns: "reject" as const };
    const unknown = await checkAll("id,name,born,size\n1,a,,3\n", strict);
    expect(unknown.report.reason?.code).toBe("header_unknown");
    const reserved = await checkAll("id,name,born,LandingPage\n1,a,,3\n", people, ["thumbnail_1", "landingPage"]);
    expect(reserved.report.reason?.code).toBe("header_reserved");
  });

  it("names line, record, byte, column, value and fix of every finding", async () => {
    const text = 'id,name,born\n1,"a\nb", 2000-01-01\n2x,c,01.02.2000\n3\n';
    const { issues, report } = await checkAll(text, people);
    expect(issues).toMatchObject([
      { line: 3, record: 1, offset: 21, column: "born", code: "not_a_date", value: " 2000-01-01", fix: "2000-01-01" },
      { line: 4, record: 2, offset: 33, column: "id", code: "not_an_integer", value: "2x", fix: null },
      { line: 4, record: 2, offset: 38, column: "born", code: "not_a_date", value: "01.02.2000", fix: "2000-02-01" },
      { line: 5, record: 3, offset: 49, column: null, code: "cells_missing", value: "3" },
    ]);
    expect(report.issues).toEqual({
      errors: 4,
      warnings: 0,
      byCode: { not_a_date: 2, not_an_integer: 1, cells_missing: 1 },
    });
  });

  it("checks the other cells of a record of which one is broken", async () => {
    const columns = [{ name: "a" }, { name: "n", type: "integer" }, { name: "d", type: "date" }];
    const { issues } = await checkAll('a,n,d\nst"ray,x,2024-13-01\n"open,1,2\n', buildTable({ columns }));
    expect(issues.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual([
      "2 a quote_stray",
      "2 n not_an_integer",
      "2 d not_a_date",
      "3 a quote_unclosed",
    ]);
  });

  it("checks the cells beside one whose bytes are no UTF-8", async () => {
    const columns = [{ name: "id", type: "integer" }, { name: "n" }, { name: "d", type: "date" }];
    const table = buildTable({ columns, format: { encoding: "utf-8" } });
    const { issues } = await checkAll(Buffer.from("id,n,d\ny,\xff,z\n1,2,\n", "latin1"), table);
    expect(issues.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual([
      "2 n encoding_invalid",
      "2 id not_an_integer",
      "2 d not_a_date",
    ]);
  });

  it("tells a few invalid bytes in UTF-8 from another encoding", async () => {
    const bytes = Buffer.concat([
      Buffer.from("id,name,born\n1,Zoë,\n2,é,\n3,"),
      Buffer.from([0xff]),
      Buffer.from(",\n"),
    ]);
    const { report, issues, lines } = await checkAll(bytes, skipping);
    expect(report.scan?.dialect.encoding).toBe("utf-8");
    expect(issues).toMatchObject([{ code: "encoding_invalid", line: 4, record: 3, offset: 29, column: "name" }]);
    expect(lines).toHaveLength(2);
  });

  it("reports undefined Windows-1252 bytes and NUL where they stand", async () => {
    const bytes = Buffer.from("id,name,born\n1,a\x81b,\n2,c\0d,\n3,\xe4,\n", "latin1");
    const { issues, lines } = await checkAll(bytes, skipping);
    expect(issues).toMatchObject([
      { code: "byte_undefined", line: 2, column: "name", offset: 15 },
      { code: "nul_byte", line: 3, column: "name", offset: 23 },
    ]);
    expect(lines).toEqual(["3\t3\tä\t\\N"]);
  });

  it("passes a 50 MB line over in bounded memory", async () => {
    const source = {
      async *open(offset = 0) {
        yield* [Buffer.from("id,name,born\n1,a,\n2,").subarray(offset)];
        const chunk = Buffer.alloc(1_000_000, 0x78);
        for (let i = 0; i < 50; i += 1) yield chunk;
        yield Buffer.from(",\n3,c,\n");
      },
    };
    const { issues, rejected, lines } = await checkAll(source, skipping);
    expect(issues).toMatchObject([{ code: "record_too_long", line: 3, record: 2, offset: 18 }]);
    expect(rejected).toEqual([2]);
    expect(lines).toEqual(["1\t1\ta\t\\N", "3\t3\tc\t\\N"]);
  });

  it("calls a record without any value blank", async () => {
    const { issues } = await checkAll('id,name,born\n1,a,\n,,\n"","",""\n', skipping);
    expect(issues.map(({ code, line }) => [code, line])).toEqual([
      ["record_blank", 3],
      ["record_blank", 4],
    ]);
  });

  it("stops at the table's limits", async () => {
    const limited = (limits: object) => ({ ...people, limits: { ...people.limits, ...limits } });
    const text = `id,name,born\n${"1,a,\n".repeat(10)}`;
    expect((await checkAll(text, limited({ records: 9 }))).report.reason?.code).toBe("records_too_many");
    expect((await checkAll(text, limited({ records: 10 }))).report.verdict).toBe("pass");
    expect((await checkAll(text, limited({ totalBytes: 40 }))).report.reason?.code).toBe("file_too_large");
  });
});

describe("what the profile fixes", () => {
  it.each([
    [{ delimiter: "|" }, "id|name|born\n1|a,b;c|\n", "1\t1\ta,b;c\t\\N"],
    [{ quote: "none" }, 'id,name,born\n1,5" x,\n', '1\t1\t5" x\t\\N'],
    [{ quote: "'" }, "id,name,born\n1,'a,b',\n", "1\t1\ta,b\t\\N"],
    [{ encoding: "windows-1252" }, "id,name,born\n1,Ã¼,\n", "1\t1\tÃƒÂ¼\t\\N"],
  ] as const)("%j", async (format, text, line) => {
    const { lines } = await checkAll(text, { ...people, format: { ...people.format, ...format } });
    expect(lines).toEqual([line]);
  });
});

describe("invalid rows", () => {
  const text = "id,name,born\n1,a,\nx,b,\n3,c,\n4,d,oops\n";

  it("reject: the whole file", async () => {
    const { report } = await checkAll(text, people);
    expect(report.verdict).toBe("fail");
    expect(report.reason?.code).toBe("rows_invalid");
    expect(report.reason?.message).toContain("2 of 4 records have errors");
    expect(report.reason?.message).toContain("line 3");
  });

  it.each([
    [{}, "pass"],
    [{ maxRows: 2 }, "pass"],
    [{ maxRows: 1 }, "fail"],
    [{ maxPercent: 50 }, "pass"],
    [{ maxPercent: 49.9 }, "fail"],
  ])("skip %j: %s", async (limit, verdict) => {
    const { report, lines, rejected } = await checkAll(text, { ...people, invalid: { policy: "skip", ...limit } });
    expect(report.verdict).toBe(verdict);
    expect(report.reason?.code ?? "").toBe(verdict === "pass" ? "" : "too_many_rows_invalid");
    expect(report.counts).toEqual({ records: 4, valid: 2, rejected: 2 });
    expect(rejected).toEqual([2, 4]);
    expect(lines.map((line) => line.split("\t")[0])).toEqual(["1", "3"]);
  });

  it("skip: a file without any valid row fails", async () => {
    const { report } = await checkAll("id,name,born\nx,,\n", skipping);
    expect(report.reason?.code).toBe("rows_invalid");
  });

  it("group: the rows of one entity fall together, before and after the faulty one", async () => {
    const orders = buildTable({
      name: "orders",
      columns: [{ name: "order_no" }, { name: "qty", type: "integer" }],
      invalid: { policy: "group", by: "order_no" },
    });
    const lines = ["A,1", "B,1", "A,x", "B,2", ",9", "A,3", ",x", "C,1,9", "C,2"];
    const checked = await checkAll(`order_no,qty\n${lines.join("\n")}\n`, orders);
    expect(checked.lines).toEqual(["2\tB\t1", "4\tB\t2", "5\t\\N\t9"]);
    expect(checked.rejected).toEqual([1, 3, 6, 7, 8, 9]);
    expect(checked.issues.map(({ record, code }) => [record, code])).toEqual([
      [1, "group_rejected"],
      [3, "not_an_integer"],
      [6, "group_rejected"],
      [7, "not_an_integer"],
      [8, "cells_extra"],
      [9, "group_rejected"],
    ]);
    expect(checked.report.counts).toEqual({ records: 9, valid: 3, rejected: 6 });
  });
});

describe("what must not come twice", () => {
  const keyed = buildTable({
    columns: [
      { name: "shop" },
      { name: "price", type: "decimal" },
      { name: "mail", type: "email", unique: true, optional: true },
    ],
    key: ["shop", "price"],
    mode: "upsert",
    invalid: { policy: "skip" },
  });

  it("finds a compound key again, as PostgreSQL compares it, and says where it was", async () => {
    const { issues, rejected } = await checkAll("shop,price\na,1.5\nb,1.50\na,1.50\na,+01.500\nab,1\na,b1\n", keyed);
    expect(issues.map(({ code, line, record, column }) => [code, line, record, column])).toEqual([
      ["key_duplicate", 4, 3, "shop,price"],
      ["key_duplicate", 5, 4, "shop,price"],
      ["not_a_decimal", 7, 6, "price"],
    ]);
    expect(issues[0]?.message).toContain("line 2");
    expect(rejected).toEqual([3, 4, 6]);
  });

  it("finds a unique value again, but not an empty one, and no key may be empty", async () => {
    const { issues } = await checkAll("shop,price,mail\na,1,a@b.de\nb,1,\nc,1,\nd,1,a@b.de\n,2,\n", keyed);
    expect(issues.map(({ code, line, column }) => [code, line, column])).toEqual([
      ["value_duplicate", 5, "mail"],
      ["key_empty", 6, "shop"],
    ]);
  });

  it("does not look for keys that were told apart, where their text is all that they are", async () => {
    const codes = async (column: object) => {
      const table = buildTable({
        columns: [{ name: "sku", ...column }, { name: "note" }],
        key: ["sku"],
        mode: "upsert",
      });
      const { issues } = await checkAll("sku,note\n1,a\n1,b\n,c\n", table, [], { hasKeysToldApart: true });
      return issues.map(({ code }) => code);
    };
    expect(await codes({ maxLength: 20 })).toEqual(["key_empty"]);
    // 1 and 1.0 are two texts and one number; and what is too long for an index somebody has to see.
    expect(await codes({ type: "decimal" })).toEqual(["key_duplicate", "key_empty"]);
    expect(await codes({})).toEqual(["key_duplicate", "key_empty"]);
  });

  it("refuses a key that PostgreSQL could not index", async () => {
    const { issues } = await checkAll(`shop,price\n${"x".repeat(2600)},1\n`, keyed);
    expect(issues.map(({ code }) => code)).toEqual(["key_too_long"]);
  });

  it("is exact over many records", async () => {
    const table = buildTable({
      columns: [{ name: "id", type: "integer", unique: true }],
      invalid: { policy: "skip" },
    });
    const count = 300_000;
    const numbers = Array.from({ length: count }, (_, i) => (i % 1000 === 999 ? i - 500 : i));
    const { report, rejected } = await checkAll(`id\n${numbers.join("\n")}\n`, table);
    expect(report.issues.byCode).toEqual({ value_duplicate: 300 });
    expect(rejected).toEqual(Array.from({ length: 300 }, (_, i) => i * 1000 + 1000));
  });
});

describe("any bytes at all", () => {
  const table = buildTable({
    columns: [{ name: "a", type: "integer" }, { name: "b" }],
    invalid: { policy: "skip" },
    limits: { recordBytes: 100, fieldBytes: 40, linesInField: 3, columns: 5 },
  });
  const pieces = fc.constantFrom(
    '"',
    ",",
    "\n",
    "\r\n",
    "a",
    "1",
    "\x00",
    "\xe9",
    "\xc3\xa9",
    ";",
    "x".repeat(60),
    "\t",
    "\\",
  );

  it("are counted to the last record, never crash the check, and make a canonical file that can be read", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 80 }), async (parts) => {
        const bytes = Buffer.from(`a,b\n1,x\n${parts.join("")}`, "latin1");
        const { report, lines, rejected, issues, failed } = await checkAll(bytes, table);
        expect(report.counts.valid + report.counts.rejected).toBe(report.counts.records);
        expect(lines).toHaveLength(report.counts.valid);
        expect(rejected).toHaveLength(report.counts.rejected);
        expect(failed.map(({ record }) => record)).toEqual(rejected);
        expect(failed.every((record) => record.issues.length > 0)).toBe(true);
        expect(issues.filter(({ severity }) => severity === "error")).toHaveLength(report.issues.errors);
        expect(lines.every((line) => line.split("\t").length === 3)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("stop at once when the check is aborted", async () => {
    const abort = new AbortController();
    const endless = {
      open: () =>
        Readable.from(
          (function* () {
            yield Buffer.from("a,b\n");
            for (let i = 0; ; i += 1) {
              if (i === 50) abort.abort(new Error("enough"));
              yield Buffer.from("1,x\n".repeat(10_000));
            }
          })(),
        ),
    };
    await expect(check(endless, { table, signal: abort.signal })).rejects.toThrow("enough");
  });
});

it("a report is plain JSON", async () => {
  const report = await check(memorySource(Buffer.from("id,name,born\n1,a,\n")), { table: people });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
