import fc from "fast-check";
import { parseString } from "fast-csv";
import { describe, expect, it } from "vitest";
import type { Delimiter, Quote } from "./dialect.ts";
import { choppedSource, scanAll, WIDE_LIMITS } from "./scan-all.test-kit.ts";
import { memorySource } from "./source.ts";

const COMMA = { delimiter: ",", quote: '"' } as const;
const scanText = (text: string, marks: { delimiter: Delimiter; quote: Quote } = COMMA, limits = WIDE_LIMITS) =>
  scanAll(memorySource(Buffer.from(text)), marks, limits);

describe("what a scan finds in well-formed text", () => {
  it.each<[string, string, string[][]]>([
    ["nothing", "", []],
    ["one cell", "a", [["a"]]],
    [
      "a last line without end",
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "LF",
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "CRLF",
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "lone CR",
      "a,b\r1,2\r",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["mixed ends", "a\rb\nc\r\nd", [["a"], ["b"], ["c"], ["d"]]],
    [
      "empty cells",
      ",\n,,",
      [
        ["", ""],
        ["", "", ""],
      ],
    ],
    ["a trailing delimiter at the end", "a,b,", [["a", "b", ""]]],
    ["quoted", '"a","b"\n', [["a", "b"]]],
    ["quoted at the end without a line end", 'a,"b"', [["a", "b"]]],
    ["quoted delimiters and ends", '"a,b","c\r\nd\ne"\n', [["a,b", "c\r\nd\ne"]]],
    ["doubled quotes", '"say ""hi""",""""\n', [['say "hi"', '"']]],
    ["quoted and empty", '"",""\n', [["", ""]]],
    ["spaces are part of a cell", " a , b \n", [[" a ", " b "]]],
    ["blank lines are no records", "a\n\n  \n\t\r\nb\n\n", [["a"], ["b"]]],
    ["a quoted empty cell alone is a record", '""\n', [[""]]],
  ])("%s", async (_, text, records) => {
    const scanned = await scanText(text);
    expect(scanned.records).toEqual(records);
    expect(scanned.faults).toEqual([]);
  });

  it("gives each record its physical line and byte offset, line ends inside quotes counted", async () => {
    const text = 'h\r\n"1\r\n\n2"\r\n\r\nä\nlast';
    const { records, lines, starts } = await scanText(text);
    expect(records.flat()).toEqual(["h", "1\r\n\n2", "ä", "last"]);
    expect(lines).toEqual([1, 2, 6, 7]);
    expect(starts).toEqual([0, 3, 14, 17]);
  });

  it("takes quotes for ordinary characters where the dialect has none", async () => {
    const { records, faults } = await scanText('"a|5" screen\n', { delimiter: "|", quote: null });
    expect(records).toEqual([['"a', '5" screen']]);
    expect(faults).toEqual([]);
  });
});

describe("what it says of broken text", () => {
  it("names a stray quote, and reads on at the next cell", async () => {
    const { records, faults } = await scanText('a,5" x,c\nd,e,f\n');
    expect(faults).toEqual([{ record: 0, code: "quote_stray", at: 3, field: 1, forgiven: false }]);
    expect(records).toEqual([
      ["a", '5" x', "c"],
      ["d", "e", "f"],
    ]);
  });

  it("names text after a closing quote", async () => {
    const { records, faults } = await scanText('"5" screen",b\nc,d\n');
    expect(faults).toEqual([{ record: 0, code: "text_after_quote", at: 3, field: 0, forgiven: false }]);
    expect(records[1]).toEqual(["c", "d"]);
  });

  it("names the line on which an unclosed quote opened, and reads on at the next line", async () => {
    const { records, lines, faults } = await scanText('a,b\n1,"open\n2,y\n3,"z"\n4,w\n');
    expect(faults).toEqual([{ record: 1, code: "quote_unclosed", at: 6, field: 1, forgiven: false }]);
    expect(records).toEqual([
      ["a", "b"],
      ["1", '"open'],
      ["2", "y"],
      ["3", "z"],
      ["4", "w"],
    ]);
    expect(lines).toEqual([1, 2, 3, 4, 5]);
  });

  it("gives up on a quote that stays open for too many lines, or to the end of the file", async () => {
    const open = await scanText(`a\n"b\n${"c\n".repeat(50)}`, COMMA, { ...WIDE_LIMITS, linesInField: 20 });
    expect(open.faults).toEqual([{ record: 1, code: "quote_unclosed", at: 2, field: 0, forgiven: false }]);
    expect(open.records).toHaveLength(52);
    const toTheEnd = await scanText('a\n"b\nc\nd');
    expect(toTheEnd.faults).toEqual([{ record: 1, code: "quote_unclosed", at: 2, field: 0, forgiven: false }]);
    expect(toTheEnd.records).toEqual([["a"], ['"b'], ["c"], ["d"]]);
  });

  it("skips an over-long line in bounded memory and finds the next record", async () => {
    const long = Buffer.alloc(40 * 1024 * 1024, 0x78);
    const bytes = Buffer.concat([Buffer.from("a,b\n"), long, Buffer.from("\n1,2\n")]);
    const cuts = Array.from({ length: 640 }, (_, i) => (i + 1) * 65_536);
    const { records, lines, faults } = await scanAll(choppedSource(bytes, cuts), COMMA);
    expect(faults).toEqual([{ record: 1, code: "record_too_long", at: 4, field: -1, forgiven: false }]);
    expect(records).toEqual([["a", "b"], [], ["1", "2"]]);
    expect(lines).toEqual([1, 2, 3]);
  });

  it("survives an over-long line with an open quote, and one that ends the file", async () => {
    const bytes = Buffer.concat([Buffer.from('a\n"'), Buffer.alloc(3_000_000, 0x78), Buffer.from('\nb\n"')]);
    const { records, faults } = await scanAll(memorySource(bytes), COMMA);
    expect(faults.map(({ record, code }) => [record, code])).toEqual([
      [1, "record_too_long"],
      [3, "quote_unclosed"],
    ]);
    expect(records.map((cells) => cells.length)).toEqual([1, 0, 1, 1]);
  });

  it("names NUL bytes, fields that are too long and records of too many columns", async () => {
    const limits = { ...WIDE_LIMITS, fieldBytes: 10, columns: 3 };
    const { faults } = await scanText('a\0b,"c\0d"\n12345678901,2\n1,2,3,4,5\n', COMMA, limits);
    expect(faults).toEqual([
      { record: 0, code: "nul_byte", at: 1, field: 0, forgiven: false },
      { record: 0, code: "nul_byte", at: 6, field: 1, forgiven: false },
      { record: 1, code: "field_too_long", at: 10, field: 0, forgiven: false },
      { record: 2, code: "columns_too_many", at: 30, field: 3, forgiven: false },
    ]);
  });
});

/** Text in which the characters that matter come often. */
const tricky = fc
  .array(fc.constantFrom('"', '"', ",", "\n", "\r", "\r\n", "a", "é", "€", " ", ";", "\t", "'", '""', "\0"), {
    maxLength: 60,
  })
  .map((parts) => parts.join(""));

describe("properties", () => {
  it("does not take half a doubled quote at the edge of a window for the end of an over-long record", async () => {
    const limits = { recordBytes: 20, fieldBytes: 8, columns: 3, linesInField: 2 };
    const bytes = Buffer.from('éé"bcdefghij\',"é\n""",\n\'x\n');
    const whole = await scanAll(memorySource(bytes), COMMA, limits);
    expect(whole.faults.map(({ code }) => code)).not.toContain("record_too_long");
    expect(await scanAll(memorySource(bytes), COMMA, limits, 21)).toEqual(whole);
  });

  const cell = fc
    .array(fc.constantFrom('"', "'", ",", ";", "|", "\t", "\n", "\r\n", "a", "bc", "é", "1", " "), { maxLength: 8 })
    .map((parts) => parts.join(""));
  const rows = fc
    .integer({ min: 2, max: 5 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }));
  it("agrees with fast-csv on well-formed text", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const text = table.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(",")).join("\r\n");
        const ours = await scanText(text);
        expect(ours.records).toEqual(await fastCsv(text));
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with fast-csv wherever that reads without an error and we find no fault", async () => {
    await fc.assert(
      fc.asyncProperty(tricky, async (text) => {
        const ours = await scanText(text);
        const theirs = await fastCsv(text).catch(() => undefined);
        // fast-csv drops spaces and tabs round quotes and in empty cells.
        if (ours.faults.length > 0 || theirs === undefined || /[ \t]/.test(text)) return;
        expect(ours.records).toEqual(theirs);
      }),
      { numRuns: 1500 },
    );
  });
});

function fastCsv(text: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const records: string[][] = [];
    parseString<string[], string[]>(text, { headers: false, ignoreEmpty: false })
      .on("data", (row: string[]) => {
        // An empty line is no record to us.
        if (row.length > 0) records.push(row);
      })
      .on("error", reject)
      .on("end", () => resolve(records));
  });
}
