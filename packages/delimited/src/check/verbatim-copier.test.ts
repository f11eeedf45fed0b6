import { columnSchema } from "@inlet/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_UTF8, FORM_WINDOWS_1252, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import { recordTexts } from "../scan/field-text.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { WIDE_LIMITS } from "../scan/scan-all.test-kit.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import { memorySource } from "../scan/source.ts";
import { FieldContent } from "./field-content.ts";
import { VerbatimCopier } from "./verbatim-copier.ts";

const MARKS = { delimiter: ";", quote: '"' } as const;
const TYPES = ["string", "integer", "decimal", "date", "boolean", "email", "enum", "timestamp"] as const;
/** What is often a good cell of some column, and often needs more than a copy. */
const cell = fc.constantFrom(
  ..."|a|Ada Lovelace|é|0|17|-4|007|1.50|2024-02-28|2024-02-29|t|no|ada@example.com|DE|2024-01-01T10:00:00Z"
    .split("|")
    .concat('"x;y"', '"quoted"', '"say ""yes"""', '""', '"17"', "a longer text that takes more than eight bytes"),
);

function planOf(type: (typeof TYPES)[number], index: number, field: number): ColumnPlan {
  const plan = new ColumnPlan(columnSchema.parse({ name: `c${index}`, type, values: ["DE", "FR"] }), index, false);
  plan.field = field;
  return plan;
}

/** The line that the long way writes, with where its cells lie; null where a cell is faulty. */
function longWay(
  plans: readonly ColumnPlan[],
  cells: readonly string[],
  form: number,
): { line: string; spans: number[][] } | null {
  let line = "";
  const spans: number[][] = [];
  for (const plan of plans) {
    const bytes = Buffer.from(plan.field < 0 ? "" : cells[plan.field]!, form === FORM_UTF8 ? "utf8" : "latin1");
    const out = Buffer.alloc(mostCanonicalBytes(bytes.length));
    const end = writeCell(plan, bytes, 0, bytes.length, form, out, 0);
    if (end < 0) return null;
    const from = Buffer.byteLength(line) + 1;
    line += `\t${out.toString("utf8", 0, end)}`;
    spans[plan.index] = [from, from + end];
  }
  return { line: `${line}\n`, spans };
}

async function theBlock(bytes: Buffer): Promise<RecordBlock> {
  for await (const block of scanBlocks(memorySource(bytes), {
    marks: MARKS,
    limits: WIDE_LIMITS,
    offset: 0,
    line: 1,
  })) {
    return block;
  }
  throw new Error("nothing to scan");
}

const width = 5;
const tables = fc.record({
  /** Which field of the file each column is; -1: the file does not have it. */
  fields: fc.shuffledSubarray([-1, 0, 1, 2, 3, 4], { minLength: 2 }),
  inOrder: fc.boolean(),
  types: fc.array(fc.constantFrom(...TYPES), { minLength: 6, maxLength: 6 }),
  rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 20 }),
  form: fc.constantFrom(FORM_UTF8, FORM_WINDOWS_1252),
});

it("writes the line that the long way writes, or leaves it alone", async () => {
  let copied = 0;
  await fc.assert(
    fc.asyncProperty(tables, async ({ fields, inOrder, types, rows, form }) => {
      const order = inOrder ? fields.toSorted((a, b) => a - b) : fields;
      const plans = order.map((field, index) => planOf(types[index]!, index, field));
      const encoding = form === FORM_UTF8 ? "utf8" : "latin1";
      const block = await theBlock(Buffer.from(rows.map((row) => `${row.join(";")}\n`).join(""), encoding));
      const spans = { starts: new Int32Array(plans.length), ends: new Int32Array(plans.length) };
      const copier = new VerbatimCopier(plans, spans, new FieldContent({ quote: '"' }), undefined);
      copier.begin(block, form, width);
      const out = Buffer.alloc(10_000);
      for (let r = 0; r < block.count; r += 1) {
        const end = copier.copy(block, r, form, out, 3);
        if (end === 0) continue;
        copied += 1;
        const texts = recordTexts(block, r, form === FORM_UTF8 ? "utf-8" : "windows-1252", '"');
        const expected = longWay(plans, texts, form);
        expect(out.toString("utf8", 3, end)).toBe(expected?.line);
        expect(plans.map((_, c) => [spans.starts[c]! - 3, spans.ends[c]! - 3])).toEqual(expected?.spans);
      }
    }),
    { numRuns: 1000 },
  );
  expect(copied).toBeGreaterThan(100);
});

it("copies whole lines of ordinary records", async () => {
  const plans = (["integer", "string", "date", "decimal", "string"] as const).map((type, c) => planOf(type, c, c));
  const spans = { starts: new Int32Array(5), ends: new Int32Array(5) };
  const copier = new VerbatimCopier(plans, spans, new FieldContent({ quote: '"' }), undefined);
  const block = await theBlock(Buffer.from('1;Ada;1999-01-02;1.50;\n2;"a;b";;;"say ""x"""\n3;short\n'));
  copier.begin(block, FORM_UTF8, 5);
  const out = Buffer.alloc(1000);
  const lines = [0, 1, 2].map((r) => out.toString("utf8", 0, copier.copy(block, r, FORM_UTF8, out, 0)));
  expect(lines).toEqual(["\t1\tAda\t1999-01-02\t1.50\t\\N\n", '\t2\ta;b\t\\N\t\\N\tsay "x"\n', ""]);
});
