import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RejectedEncoder } from "../canonical/rejected.ts";
import type { Dialect, Marks, ScanPlan } from "../scan/dialect.ts";
import { choppedSource, scanAll, WIDE_LIMITS } from "../scan/scan-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { styles, tables, writeTable } from "../scan/written-table.test-kit.ts";
import type { AddedColumns } from "./added-columns.ts";
import { withColumns } from "./with-columns.ts";

/** A plan for a file whose first record, if any, is its header. */
async function planOf(bytes: Buffer, marks: Marks, labels?: string[]): Promise<ScanPlan> {
  const found = await scanAll(memorySource(bytes), marks);
  const dialect: Dialect = {
    encoding: "utf-8",
    bom: false,
    escape: "doubled",
    comment: null,
    reading: "strict",
    trimSpaces: false,
    trailer: null,
    lineEnd: "\n",
    quoteAll: false,
    confidence: 1,
    ...marks,
  };
  if (labels !== undefined) {
    const header = { records: 0, offset: 0, end: 0, line: 1, labels };
    return { dialect, limits: WIDE_LIMITS, header, data: { offset: 0, line: 1 } };
  }
  const end = found.ends[0]!;
  const [lineEnd = ""] = /^(\r\n|\r|\n)?/.exec(bytes.subarray(end).toString("latin1"))!;
  return {
    dialect,
    limits: WIDE_LIMITS,
    header: { offset: found.starts[0]!, end, line: found.lines[0]!, labels: found.records[0]! },
    data: { offset: end + lineEnd.length, line: found.lines[0]! + 1 },
  };
}

/** Adds the cells of `rows`, all of one width per column. */
function adding(labels: string[], cell: (record: number, column: number) => string): AddedColumns {
  const widths = labels.map((_, column) => Buffer.byteLength(cell(1, column)));
  return {
    labels,
    widths,
    fill(records, target) {
      const rows = Array.from(records, (record) => labels.map((_, column) => cell(record, column)).join(""));
      target.write(rows.join(""), "latin1");
    },
  };
}

async function result(
  bytes: Buffer,
  plan: ScanPlan,
  added: AddedColumns,
  rejected: number[] = [],
  cuts: number[] = [],
) {
  const encoder = new RejectedEncoder();
  for (const record of rejected) encoder.add(record);
  const chunks: Buffer[] = [];
  const source = choppedSource(bytes, cuts);
  for await (const chunk of withColumns({ source, plan, rejected: [encoder.take()], added })) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

const token = (record: number) => String(record % 100).padStart(2, "0");

describe("columns added in any dialect", () => {
  it("leave every other byte as it came, and read back", async () => {
    const cells = fc.array(
      fc.constantFrom('"', "'", ",", ";", "|", "\t", ":", "\\", " ", "a", "/", "\n", "-", "~", "^"),
      {
        maxLength: 8,
      },
    );
    const rejections = fc.array(fc.nat(10), { maxLength: 4 });
    const cuts = fc.array(fc.nat(200), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(tables, styles, cells, rejections, cuts, async (table, style, pieces, drawn, at) => {
        const { marks } = style;
        const written = writeTable(table, style);
        const bytes = Buffer.from(written.text);
        // A token may hold a `-`, so that it is not written where that is the delimiter and cannot be escaped.
        fc.pre(marks.quote !== null || marks.escape === "backslash" || marks.delimiter !== "-");
        const canHoldAll = marks.quote !== null || marks.escape === "backslash";
        const around = canHoldAll ? pieces.join("") : "";
        const label = `l${around}l`;
        const added = adding(["plain", label], (record, column) =>
          column === 0 ? token(record) : around + token(record),
        );
        const rejected = [...new Set(drawn)].filter((n) => n > 0 && n < table.length).sort((a, b) => a - b);
        const plan = { ...(await planOf(bytes, marks)) };
        plan.dialect.quoteAll = style.quoteAll && marks.quote !== null;
        const out = await result(bytes, plan, added, rejected, at);

        const found = await scanAll(memorySource(out), marks);
        const kept = written.records.map((_, n) => n).filter((n) => !rejected.includes(n));
        const expected = kept.map((n) =>
          n === 0 ? [...written.records[0]!, "plain", label] : [...written.records[n]!, token(n), around + token(n)],
        );
        expect(found.records).toEqual(expected);
        expect(found.lastTrailer?.cells ?? null).toEqual(written.trailer);
        expect([found.blankLines, found.commentLines]).toEqual([written.blankLines, written.commentLines]);

        // Without what was added, the bytes of all that was kept.
        const own: Buffer[] = [];
        let from = 0;
        kept.forEach((n, k) => {
          const length = written.ends[n]! - written.starts[n]!;
          own.push(out.subarray(from, found.starts[k]! + length));
          from = found.ends[k]!;
        });
        own.push(out.subarray(from));
        const original: Buffer[] = [];
        from = 0;
        for (const n of rejected) {
          original.push(bytes.subarray(from, written.starts[n]));
          const end = written.ends[n]!;
          from = end + /^(\r\n|\r|\n)?/.exec(bytes.subarray(end).toString("latin1"))![0].length;
        }
        original.push(bytes.subarray(from));
        expect(Buffer.concat(own).toString()).toBe(Buffer.concat(original).toString());
      }),
      { numRuns: 500 },
    );
  });

  const marks = { delimiter: ",", quote: '"' } as const;
  const added = adding(["t"], (record) => `T${token(record)}`);

  it("stand under their labels in records that tolerant reading kept", async () => {
    const bytes = Buffer.from('id,name\n1\n2,b,, ""\n3,c"\n4,"d\n');
    const plan = await planOf(bytes, { ...marks, reading: "tolerant" });
    expect((await result(bytes, plan, added)).toString()).toBe('id,name,t\n1,,T01\n2,b,T02,, ""\n3,c",T03\n4,"d,T04\n');
  });

  it("have no labels where the file has no header", async () => {
    const bytes = Buffer.from("#c\n1,a\n\n2,b\n#end");
    const plan = await planOf(bytes, { ...marks, comment: "#" }, ["id", "name"]);
    expect((await result(bytes, plan, added)).toString()).toBe("#c\n1,a,T01\n\n2,b,T02\n#end");
  });

  it("keep a comment that is longer than a record may be, to its last byte", async () => {
    const comment = `#${"x".repeat(3_000_000)}`;
    for (const end of ["\n", "\r\n", "\r"]) {
      const bytes = Buffer.from(["a,b", "1,2", comment, "3,4", comment].join(end));
      const plan = await planOf(bytes, { ...marks, comment: "#" });
      const out = await result(bytes, plan, added, [1]);
      expect(out.equals(Buffer.from(["a,b,t", comment, "3,4,T02", comment].join(end)))).toBe(true);
    }
  });

  it("do not follow an escape that the file's last cell leaves open", async () => {
    const bytes = Buffer.from("a|b\n1|2\\");
    const plan = await planOf(bytes, { delimiter: "|", quote: null, escape: "backslash" });
    expect((await result(bytes, plan, added)).toString()).toBe("a|b|t\n1|2\\\\|T01");
  });

  it("are refused where the dialect cannot hold them", async () => {
    const bytes = Buffer.from("a|b\n1|2\n");
    const plan = await planOf(bytes, { delimiter: "|", quote: null });
    const broken = adding(["t"], () => "x|y");
    await expect(result(bytes, plan, broken)).rejects.toMatchObject({ code: "cell_not_writable" });
  });
});
