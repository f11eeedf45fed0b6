import fc from "fast-check";
import { parseString } from "fast-csv";
import { describe, expect, it } from "vitest";
import { check } from "../check/check.ts";
import { buildTable } from "../check/check-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { ErrorFile } from "./error-file.ts";
import { escapeFormula, unescapeFormula } from "./formula.ts";

const table = buildTable({
  columns: [{ name: "id", type: "integer" }, { name: "born", type: "date" }, { name: "note" }],
});

async function errorsOf(text: string): Promise<{ bytes: Buffer; rows: Record<string, string>[] }> {
  const chunks: Buffer[] = [];
  const file = new ErrorFile((chunk) => void chunks.push(chunk));
  await check(memorySource(Buffer.from(text)), {
    table,
    sinks: { failed: file },
    onIssue: (issue) => {
      if (issue.record === null && issue.severity === "error") file.addFileIssue(issue);
    },
  });
  await file.end();
  const bytes = Buffer.concat(chunks);
  const rows = await new Promise<Record<string, string>[]>((resolve, reject) => {
    const found: Record<string, string>[] = [];
    parseString<Record<string, string>, Record<string, string>>(bytes.toString(), { headers: true, delimiter: ";" })
      .on("data", (row: Record<string, string>) => found.push(row))
      .on("error", reject)
      .on("end", () => resolve(found));
  });
  return { bytes, rows };
}

describe("the error file", () => {
  it("has the client's records that failed, with all that is wrong with each", async () => {
    const { bytes, rows } = await errorsOf('id;born;note\n1;2000-01-01;fine\nx;01.02.2000;"a;\nb"\n3\n4;"2000;c\n');
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(rows).toMatchObject([
      {
        id: "x",
        born: "01.02.2000",
        note: "a;\nb",
        error_line: "3",
        error_record: "2",
        error_column: "id | born",
        error_code: "not_an_integer | not_a_date",
        error_fix: " | 2000-02-01",
        error_raw: "",
      },
      { id: "3", born: "", error_line: "5", error_code: "cells_missing", error_raw: "3" },
      { error_line: "6", error_record: "4", error_code: "quote_unclosed", error_raw: '4;"2000;c' },
    ]);
    expect(rows[0]?.error_message).toContain("whole number");
  });

  it("has no bytes when nothing failed", async () => {
    expect((await errorsOf("id;born;note\n1;;\n")).bytes).toHaveLength(0);
  });

  it("names what is wrong with the file as a whole", async () => {
    expect((await errorsOf("id;born\nx;\n")).rows).toMatchObject([
      { id: "", error_line: "1", error_code: "column_missing" },
      { id: "x", error_line: "2", error_code: "not_an_integer" },
    ]);
  });

  it("is harmless in a spreadsheet", async () => {
    const { bytes, rows } = await errorsOf("id;born;note\n-x;@a;\"=cmd|' /C calc'!A0\"\n");
    expect(rows[0]).toMatchObject({ id: "'-x", born: "'@a", note: "'=cmd|' /C calc'!A0" });
    expect(bytes.toString()).not.toMatch(/(^|[;\n"])[=+@-]/);
  });
});

describe("the escape against formulas", () => {
  it("can be undone exactly", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("=1", "'", "''=", "-5", "+972", "@x", "\t", "\uff1d1", ""));
    fc.assert(fc.property(text, (value) => unescapeFormula(escapeFormula(value)) === value));
  });

  it.each(["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠1"])("changes %j", (text) => {
    expect(escapeFormula(text)).toBe(`'${text}`);
  });

  it.each(["'t Hooft", "'007", "it's"])("leaves the apostrophe that a person typed in %j", (text) => {
    expect(unescapeFormula(text)).toBe(text);
  });

  it.each(["", "1", "a=b", " x", "name@example.com"])("leaves %j", (text) => {
    expect(escapeFormula(text)).toBe(text);
  });
});
