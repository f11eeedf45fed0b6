import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type WrittenDialect, writeRecord } from "./dialect-writer.ts";
import { PEERS, type PeerRows, withoutBlankRows } from "./peers.ts";
import { readCells } from "./read-cells.ts";

/** Where papaparse, csv-parse and fast-csv read a file alike, so does the engine. */

type Marks = Pick<WrittenDialect, "delimiter" | "quote" | "escape">;

async function peerRows(text: string, { delimiter, quote, escape: way }: Marks): Promise<Record<string, PeerRows>> {
  const dialect = { delimiter, quote: quote ?? '"', escapeWith: way === "backslash" ? "\\" : (quote ?? '"') };
  const rows: Record<string, PeerRows> = {};
  for (const [name, read] of Object.entries(PEERS)) rows[name] = withoutBlankRows(await read(text, dialect));
  return rows;
}

/** The rows that all peers agree on; undefined when one refuses or differs. */
function consensus(rows: Record<string, PeerRows>): string[][] | undefined {
  const [first, ...others] = Object.values(rows);
  if (!Array.isArray(first)) return undefined;
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
}

const COMMA: Marks = { delimiter: ",", quote: '"', escape: "doubled" };

/** Files that are odd in one way, and what comes of them. `agreed`: all three peers read the same, and so must we. */
const ODD_FILES: {
  name: string;
  text: string;
  marks?: Marks;
  /** Where we differ from what they read, or they differ from one another: what we read, and why. */
  ours?: { rows: string[][]; errors: string[]; why: string };
}[] = [
  { name: "plain", text: "a,b\n1,2\n" },
  { name: "no end of the last line", text: "a,b\n1,2" },
  { name: "CRLF", text: "a,b\r\n1,2\r\n" },
  { name: "a quoted delimiter", text: '"a,b",c\n' },
  { name: "a quoted line feed", text: '"a\nb",c\n' },
  { name: "a quoted CRLF", text: '"a\r\nb",c\r\n1,2\r\n' },
  { name: "doubled quotes", text: '"say ""hi""",b\n' },
  { name: "nothing but doubled quotes", text: '"""",""""""\n' },
  { name: "empty quoted cells", text: '"",""\n"",x\n' },
  { name: "empty cells", text: "a,,c\n,,x\n" },
  { name: "a delimiter at the end of each line", text: "a,b,\n1,2,\n" },
  { name: "rows of different width", text: "a,b,c\n1,2\n1,2,3,4\n" },
  { name: "characters beyond ASCII", text: "é,ü\n😀,\u2028\n" },
  { name: "a backslash is an ordinary character", text: 'a\\,b\n"c\\",d\n' },
  { name: "an apostrophe is an ordinary character", text: "it's,5'\n" },
  { name: "semicolons", text: 'a;b,c;"d;e"\n', marks: { ...COMMA, delimiter: ";" } },
  { name: "bars", text: 'a|b,c|"d|e"\n', marks: { ...COMMA, delimiter: "|" } },
  { name: "tabs", text: 'a\tb,c\t"d\te"\n', marks: { ...COMMA, delimiter: "\t" } },
  { name: "single quotes", text: "'a,b',\"\n'it''s',x\n", marks: { ...COMMA, quote: "'" } },
  { name: "a backslash before a quote", text: '"say \\"hi\\"",b\n', marks: { ...COMMA, escape: "backslash" } },
  { name: "a blank line in the middle", text: "a,b\n\n1,2\n" },
  { name: "blank lines at the end", text: "a,b\n1,2\n\n\n" },
  { name: "a lone CR between lines", text: "a,b\r1,2\r" },
  {
    name: "a lone CR among LF",
    text: "a,b\rc,d\n1,2\n",
    ours: {
      rows: [
        ["a", "b"],
        ["c", "d"],
        ["1", "2"],
      ],
      errors: [],
      why: "any of LF, CRLF and CR ends a line, also mixed; papaparse and csv-parse settle on the first ending that they meet",
    },
  },
  {
    name: "mixed LF and CRLF",
    text: "a,b\r\n1,2\n3,4\r\n",
    ours: {
      rows: [
        ["a", "b"],
        ["1", "2"],
        ["3", "4"],
      ],
      errors: [],
      why: "as above",
    },
  },
  {
    name: "spaces before a quote",
    text: 'a, "b"\n',
    ours: {
      rows: [["a", "b"]],
      errors: ["spaces_round_quotes:1"],
      why: "strict reading names the spaces; fast-csv drops them, papaparse keeps spaces and quotes, csv-parse refuses the file",
    },
  },
  {
    name: "a space after a closing quote",
    text: '"a" ,b\n',
    ours: {
      rows: [["a", "b"]],
      errors: ["spaces_round_quotes:1"],
      why: "strict reading names the spaces; papaparse and fast-csv drop them, csv-parse refuses the file",
    },
  },
  {
    name: "text after a closing quote",
    text: '"a"x,b\n1,2\n',
    ours: {
      rows: [
        ['"a"x', "b"],
        ["1", "2"],
      ],
      errors: ["text_after_quote:1"],
      why: "an error of this record alone; the peers refuse the file",
    },
  },
  {
    name: "a quote inside an unquoted cell",
    text: 'a,5" pipe\n1,2\n',
    ours: {
      rows: [
        ["a", '5" pipe'],
        ["1", "2"],
      ],
      errors: ["quote_stray:1"],
      why: "strict reading wants it quoted and doubled; papaparse and fast-csv take it as it stands, csv-parse refuses the file",
    },
  },
  {
    name: "a quote that is never closed",
    text: 'a,"b\n1,2\n',
    ours: {
      rows: [
        ["a", '"b'],
        ["1", "2"],
      ],
      errors: ["quote_unclosed:1"],
      why: "breaks its own line only; the peers lose the rest of the file",
    },
  },
  {
    name: "a quote closed on a later line, with text after it",
    text: 'a,"b\n1,x"y\n3,4\n',
    ours: {
      rows: [
        ["a", '"b'],
        ["1", 'x"y'],
        ["3", "4"],
      ],
      errors: ["quote_unclosed:1", "quote_stray:2"],
      why: "the second quote is no closing one; the peers refuse the file",
    },
  },
  { name: "a line of spaces is blank", text: "a,b\n   \n1,2\n" },
  {
    name: "NUL",
    text: "a,b\0c\n1,2\n",
    ours: {
      rows: [
        ["a", "b\0c"],
        ["1", "2"],
      ],
      errors: ["nul_byte:1"],
      why: "PostgreSQL's text cannot hold it; the peers keep it",
    },
  },
  { name: "spaces round cells belong to the value", text: " a , b \n" },
  {
    name: "a row of empty cells",
    text: "a,b\n,\n1,2\n",
    ours: {
      rows: [
        ["a", "b"],
        ["", ""],
        ["1", "2"],
      ],
      errors: ["record_blank:2"],
      why: "the same cells, but an error: a record without any value",
    },
  },
];

describe("odd files", () => {
  it.each(ODD_FILES)("$name", async ({ text, marks = COMMA, ours }) => {
    const peers = await peerRows(text, marks);
    const agreed = consensus(peers);
    const width = (agreed ?? ours?.rows)![0]!.length;
    const read = await readCells(text, { ...marks, width });
    if (ours === undefined) {
      expect(agreed, JSON.stringify(peers)).toBeDefined();
      expect(read.rows).toEqual(agreed);
      return;
    }
    expect(read.rows).toEqual(ours.rows);
    expect(read.errors).toEqual(ours.errors);
    // A row of this table says what is special; what all agree on belongs to the rows without it.
    const isSpecial =
      ours.errors.length > 0 || agreed === undefined || JSON.stringify(agreed) !== JSON.stringify(ours.rows);
    expect(isSpecial, "nothing is special about this file").toBe(true);
  });
});

const marksOf = fc.record({
  delimiter: fc.constantFrom(",", ";", "|", "\t"),
  quote: fc.constantFrom<'"' | "'">('"', "'"),
  escape: fc.constantFrom<"doubled" | "backslash">("doubled", "backslash"),
});
const cell = fc
  .array(fc.constantFrom("a", "bc", "é", "1", "x y", ",", ";", "|", "\t", '"', "'", "\n", "\r\n", "\\"), {
    maxLength: 5,
  })
  .map((parts) => parts.join(""));
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));

describe("generated files", () => {
  it("are read back as they were written, however they are cut, and as the peers read them", async () => {
    let agreed = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        marksOf,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.array(fc.nat(400), { maxLength: 5 }),
        async (rows, marks, end, quoteAll, cuts) => {
          const dialect = {
            ...marks,
            quoteAll,
            lineEnd: end,
            encoding: "utf-8",
            bom: false,
            endsWithEnd: true,
          } as const;
          const text = rows.map((row) => writeRecord(row, dialect) + end).join("");
          const read = await readCells(
            text,
            { ...marks, width: rows[0]!.length },
            cuts.sort((a, b) => a - b),
          );
          expect(read.rows).toEqual(rows);
          const others = consensus(await peerRows(text, marks));
          runs += 1;
          if (others === undefined) return;
          agreed += 1;
          expect(read.rows).toEqual(others);
        },
      ),
      { numRuns: 400 },
    );
    // The peers must have a say: were they all silent, this test would prove half as much.
    expect(agreed / runs).toBeGreaterThan(0.25);
  });

  const tricky = fc
    .array(fc.constantFrom('"', '""', ",", "\n", "\r\n", "a", "b c", "é", "1", " ", "'"), {
      minLength: 1,
      maxLength: 14,
    })
    .map((parts) => parts.join(""));

  it("that are no proper CSV are read as the peers read them, where these agree and strict reading finds no fault", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(tricky, async (text) => {
        const agreed = consensus(await peerRows(text, COMMA));
        if (agreed === undefined || agreed.length === 0) return;
        const width = agreed[0]!.length;
        const read = await readCells(text, { ...COMMA, width });
        const faults = read.errors.filter((error) => !/^(cells_|record_blank)/.test(error));
        if (faults.length > 0) return;
        compared += 1;

        expect(withoutBlankRows(read.rows)).toEqual(agreed);
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it("are read by tolerant reading as the peers read them, where these agree", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(tricky, async (text) => {
        const agreed = consensus(await peerRows(text, COMMA));
        if (agreed === undefined || agreed.length === 0) return;
        const width = agreed[0]!.length;
        const read = await readCells(text, { ...COMMA, width, reading: "tolerant" });
        compared += 1;
        // A record of another width is reported, and shown as wide as the table.
        const fit = (row: string[]) => Array.from({ length: width }, (_, i) => row[i] ?? "");
        const fitted = (rows: string[][]) => rows.map(fit).filter((row) => row.some((text) => text.trim() !== ""));
        expect(fitted(read.rows)).toEqual(fitted(agreed));
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(200);
  });
});
