import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Marks } from "./dialect.ts";
import { choppedSource, scanAll, WIDE_LIMITS } from "./scan-all.test-kit.ts";
import { memorySource } from "./source.ts";
import { styles, tables, writeTable } from "./written-table.test-kit.ts";

const scanText = (text: string | Buffer, marks: Partial<Marks>) =>
  scanAll(memorySource(Buffer.from(text)), { delimiter: ",", quote: '"', ...marks });

it("reads back any table in any dialect, with its lines and offsets, cut anywhere", async () => {
  const cuts = fc.array(fc.nat(300), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(tables, styles, cuts, fc.integer({ min: 1, max: 40 }), async (table, style, at, window) => {
      const written = writeTable(table, style);
      const source = choppedSource(Buffer.from(written.text), at);
      const found = await scanAll(source, style.marks, WIDE_LIMITS, window);
      const { records, starts, ends, lines, blankLines, commentLines } = found;
      const { text, trailer, ...expected } = written;
      expect({ records, starts, ends, lines, blankLines, commentLines }).toEqual(expected);
      expect(found.lastTrailer?.cells ?? null).toEqual(trailer);
      expect(found.lastTrailer?.recordsBefore ?? table.length).toBe(table.length);
      expect(found.faults.filter(({ code, forgiven }) => !forgiven || code !== "spaces_round_quotes")).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

describe("backslashes", () => {
  it.each<[string, Partial<Marks>, string, string[]]>([
    ["escape quotes and themselves inside quotes", {}, String.raw`"a\"b","c\\",d`, ['a"b', "c\\", "d"]],
    ["stand for themselves before anything else", {}, String.raw`"C:\new\file","\N"`, ["C:\\new\\file", "\\N"]],
    ["mean nothing outside quotes", {}, String.raw`a\,b\\`, ["a\\", "b\\\\"]],
    ["keep a quoted cell open", {}, '"a\\",b\nc",d', ['a",b\nc', "d"]],
    [
      "escape delimiters and line ends of a dump",
      { quote: null },
      "a\\,b,c\\\nd,\\\r\ne\\\\,f",
      ["a,b", "c\nd", "\r\ne\\", "f"],
    ],
    ["name characters in a dump", { quote: null }, String.raw`a\tb\n,\N,\.\"`, ["a\tb\n", "\\N", '."']],
    ["stay when they end a dump", { quote: null }, "a,b\\", ["a", "b\\"]],
  ])("%s", async (_, marks, text, cells) => {
    const { records, faults } = await scanText(text, { escape: "backslash", ...marks });
    expect(records).toEqual([cells]);
    expect(faults).toEqual([]);
  });

  it("do not make a doubled quote one", async () => {
    const { faults } = await scanText('"a""b",c', { escape: "backslash" });
    expect(faults).toMatchObject([{ code: "text_after_quote", at: 3, field: 0, forgiven: false }]);
  });

  it("count the line ends that they escape", async () => {
    const { lines, starts } = await scanText("a,b\\\r\nc\nd,e\n", { quote: null, escape: "backslash" });
    expect([lines, starts]).toEqual([
      [1, 3],
      [0, 8],
    ]);
  });
});

describe("comments and trailers", () => {
  const marks = { comment: "#", trailer: "#END" } as const;

  it("are no records, and have their place", async () => {
    const found = await scanText('#"a\na,b\n#x\n"1\n#2",3\n\n#END,2,"x,y"\n', marks);
    expect(found.records).toEqual([
      ["a", "b"],
      ["1\n#2", "3"],
    ]);
    expect(found.lines).toEqual([2, 4]);
    expect(found).toMatchObject({ commentLines: 2, firstCommentLine: 1, blankLines: 1, firstBlankLine: 6 });
    expect(found).toMatchObject({
      trailerLines: 1,
      lastTrailer: { cells: ["#END", "2", "x,y"], line: 7, recordsBefore: 2 },
    });
    expect(found.faults).toEqual([]);
  });

  it("shows a trailer that is followed by records, and each one's faults", async () => {
    const found = await scanText('a\nEND,1\nb\n"END"x,2\n', { trailer: "END" });
    expect(found.records).toEqual([["a"], ["b"]]);
    expect(found.firstTrailer).toMatchObject({ cells: ["END", "1"], line: 2, recordsBefore: 1, faults: [] });
    expect(found.lastTrailer).toMatchObject({
      line: 4,
      recordsBefore: 2,
      faults: [{ code: "text_after_quote", record: -1 }],
    });
    expect(found.faults).toEqual([]);
  });

  it("finds a trailer in either encoding", async () => {
    const [utf8, latin] = ["utf8", "latin1"].map((encoding) => Buffer.from("a\né,1\n", encoding as BufferEncoding));
    for (const bytes of [utf8!, latin!]) expect((await scanText(bytes, { trailer: "é" })).trailerLines).toBe(1);
  });
});

describe("spaces", () => {
  const text = ' a ,\t"b" , "c\nd",e" \n';

  it("round quotes are a fault of their own", async () => {
    const { records, faults } = await scanText('a, "b" ,"c"\t\n "d,e"\n', {});
    expect(records).toEqual([["a", "b", "c"], ["d,e"]]);
    expect(faults).toMatchObject([
      { record: 0, code: "spaces_round_quotes", at: 2, field: 1, forgiven: false },
      { record: 0, code: "spaces_round_quotes", at: 11, field: 2, forgiven: false },
      { record: 1, code: "spaces_round_quotes", at: 13, field: 0, forgiven: false },
    ]);
  });

  it("are taken away where the dialect says so, but never a delimiter", async () => {
    expect((await scanText(text.replace('e"', "e"), { trimSpaces: true })).records).toEqual([["a", "b", "c\nd", "e"]]);
    const tabs = await scanText('\t a \t\t"b" \n', { trimSpaces: true, delimiter: "\t" });
    expect(tabs.records).toEqual([["", "a", "", "b"]]);
    expect(tabs.faults).toEqual([]);
  });

  it("leave a quote stray where it does not enclose the cell", async () => {
    const { records, faults } = await scanText('a, "b" c\n', {});
    expect(records).toEqual([["a", ' "b" c']]);
    expect(faults).toMatchObject([{ code: "quote_stray", at: 3, field: 1 }]);
  });
});

describe("tolerant reading", () => {
  it.each<[string, string, string[][], string[]]>([
    ["takes a quote inside a cell for text", 'a,5" x,c', [["a", '5" x', "c"]], ["quote_stray"]],
    ["appends text after a closing quote", '"5" screen",b', [['5 screen"', "b"]], ["text_after_quote"]],
    ["keeps doubled quotes before such text", '"a""b" "c",d', [['a"b "c"', "d"]], ["text_after_quote"]],
    ["passes over spaces round quotes", 'a, "b" ', [["a", "b"]], ["spaces_round_quotes"]],
    [
      "swallows no record for an unclosed quote",
      'a,"b,c\nd,e',
      [
        ["a", '"b', "c"],
        ["d", "e"],
      ],
      ["quote_unclosed"],
    ],
  ])("%s", async (_, text, records, codes) => {
    const found = await scanText(text, { reading: "tolerant" });
    expect(found.records).toEqual(records);
    expect(found.faults.map(({ code }) => code)).toEqual(codes);
    expect(found.faults.every(({ forgiven }) => forgiven)).toBe(true);
    expect(found.levels[0]).toBe(2);
  });

  it("forgives no NUL byte, wherever it stands", async () => {
    const { levels, faults } = await scanText('"a\0"x\n"b"x\0\n"c\0\n\0d"\n"e"x\n', { reading: "tolerant" });
    expect(levels).toEqual([1, 1, 1, 2]);
    expect(faults.filter(({ forgiven }) => !forgiven).map(({ record, code, at }) => [record, code, at])).toEqual([
      [0, "nul_byte", 2],
      [1, "nul_byte", 10],
      [2, "nul_byte", 14],
    ]);
  });
});
