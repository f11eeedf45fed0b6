import { type ColumnPlan, KIND_DATE, KIND_DECIMAL, KIND_ENUM, KIND_INTEGER } from "../cells/column-plan.ts";
import { doubtColumn, isVerbatim, mayBeSure } from "../cells/verbatim.ts";
import { FORM_UTF8, FORM_WINDOWS_1252, writeCell } from "../cells/write-cell.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { WINDOWS_1252 } from "../scan/encoding.ts";
import { findMarks, marksOf, STRETCH_BYTES } from "../scan/mark-index.ts";
import { FIELD_ESCAPED, type RecordBlock } from "../scan/record-block.ts";
import { WideCopy } from "../scan/wide-copy.ts";
import type { FieldContent } from "./field-content.ts";

const TAB = 9;
const LF = 10;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;

/**
 * Writes the canonical lines of records that are beyond doubt (see cells/verbatim.ts): neighbouring cells are copied as one
 * run, eight bytes at a time. Where nobody wants lines, it passes over the record. What it cannot answer for is left to the
 * long way.
 */
export class VerbatimCopier {
  readonly #plans: readonly ColumnPlan[];
  readonly #content: FieldContent;
  readonly #cells: CellSpans;
  #doubtful = new Uint8Array(0);
  /** By column: 1 where cells beyond doubt are copied byte for byte, in the block at hand. */
  readonly #isCopied: Uint8Array;
  /** The columns whose cells are looked at although no line is written; undefined: lines are written. */
  readonly #watched: readonly ColumnPlan[] | undefined;
  /** The columns that need more than a look. */
  #unsure: readonly ColumnPlan[] = [];
  /** The block at hand may be passed over. */
  #isSkimmed = false;
  /** By column: whether its right neighbour in the table is so in the file. */
  readonly #hasNeighbour: Uint8Array;
  readonly #wide = new WideCopy();

  /**
   * @param cells is told where each cell of a record lies in its line.
   * @param watched nobody wants lines, only where the cells of these columns lie.
   */
  constructor(
    plans: readonly ColumnPlan[],
    cells: CellSpans,
    content: FieldContent,
    watched: readonly ColumnPlan[] | undefined,
  ) {
    this.#plans = plans;
    this.#watched = watched?.every(isVerbatim) ? watched : undefined;
    this.#cells = cells;
    this.#content = content;
    this.#isCopied = new Uint8Array(plans.length);
    this.#hasNeighbour = Uint8Array.from(plans, ({ field }, c) => (plans[c + 1]?.field === field + 1 ? 1 : 0));
  }

  /** Looks at the cells of a block whose records have `width` fields when they are sound. */
  begin(block: RecordBlock, form: number, width: number): void {
    const { count, faulty, firstFields } = block;
    if (this.#doubtful.length < count) this.#doubtful = new Uint8Array(block.maxRecords);
    const doubtful = this.#doubtful;
    for (let r = 0; r < count; r += 1) {
      doubtful[r] = faulty[r] !== 0 || firstFields[r + 1]! - firstFields[r]! !== width ? 1 : 0;
    }
    const isPlain = form <= FORM_UTF8;
    const isWindows1252 = (form & FORM_WINDOWS_1252) !== 0;
    // Decoding and escapes matter where a cell is written, or compared with one that was.
    this.#isSkimmed =
      this.#watched !== undefined &&
      (isPlain || this.#watched.every(isAsciiOnly)) &&
      !(isWindows1252 && hasUndefinedBytes(block));
    this.#unsure = this.#plans.filter((plan) => !mayBeSure(plan) || (isWindows1252 && plan.kind === KIND_ENUM));
    this.#plans.forEach((plan, c) => {
      const isCopied = isVerbatim(plan) && (isPlain || isAsciiOnly(plan));
      this.#isCopied[c] = isCopied ? 1 : 0;
      if (isCopied || (this.#isSkimmed && mayBeSure(plan))) doubtColumn(plan, block, doubtful);
    });
  }

  /**
   * Whether the record is beyond doubt and nobody wants its line: then the watched cells lie in the block's own bytes.
   * @param out may be written over from `position` on.
   */
  skim(block: RecordBlock, r: number, form: number, out: Buffer, position: number): boolean {
    if (!this.#isSkimmed || this.#doubtful[r] !== 0) return false;
    const { fieldStarts, fieldEnds, fieldFlags } = block;
    const { starts, ends } = this.#cells;
    const first = block.firstFields[r]!;
    for (const plan of this.#unsure) {
      if (this.#write(plan, block, first + plan.field, form, out, position) < 0) return false;
    }
    for (const { field, index } of this.#watched!) {
      const f = first + field;
      if ((fieldFlags[f]! & FIELD_ESCAPED) !== 0) return false;
      starts[index] = fieldStarts[f] === fieldEnds[f] ? -1 : fieldStarts[f]!;
      ends[index] = fieldEnds[f]!;
    }
    return true;
  }

  /**
   * Writes the rest of a record's line from `position` on, where its number ends.
   * @returns the end, or 0: the record has to go the long way.
   */
  copy(block: RecordBlock, r: number, form: number, out: Buffer, position: number): number {
    if (this.#doubtful[r] !== 0) return 0;
    const { fieldStarts, fieldEnds, fieldFlags } = block;
    const plans = this.#plans;
    const isCopied = this.#isCopied;
    const hasNeighbour = this.#hasNeighbour;
    const { starts, ends } = this.#cells;
    const first = block.firstFields[r]!;
    const count = plans.length;
    let at = position;
    for (let c = 0; c < count; c += 1) {
      const plan = plans[c]!;
      const field = first + plan.field;
      out[at] = TAB;
      at += 1;
      if (isCopied[c] === 0 || (fieldFlags[field]! & FIELD_ESCAPED) !== 0) {
        const end = this.#write(plan, block, field, form, out, at);
        if (end < 0) return 0;
        starts[plan.index] = at;
        ends[plan.index] = end;
        at = end;
        continue;
      }
      const from = fieldStarts[field]!;
      let to = fieldEnds[field]!;
      if (from === to) {
        out[at] = BACKSLASH;
        out[at + 1] = LETTER_N;
        starts[plan.index] = at;
        at += 2;
        ends[plan.index] = at;
        continue;
      }
      const shift = at - from;
      starts[plan.index] = at;
      // Neighbours with one delimiter between them, and no quotes, are copied in one go.
      let last = field;
      while (
        hasNeighbour[c] === 1 &&
        isCopied[c + 1] === 1 &&
        fieldFlags[last + 1] === 0 &&
        fieldStarts[last + 1] === to + 1 &&
        fieldEnds[last + 1]! > to + 1
      ) {
        ends[plans[c]!.index] = to + shift;
        c += 1;
        last += 1;
        starts[plans[c]!.index] = to + 1 + shift;
        to = fieldEnds[last]!;
      }
      ends[plans[c]!.index] = to + shift;
      this.#wide.copy(block.bytes, from, to, out, at);
      for (let f = field; f < last; f += 1) out[fieldEnds[f]! + shift] = TAB;
      at = to + shift;
    }
    out[at] = LF;
    return at + 1;
  }

  #write(plan: ColumnPlan, block: RecordBlock, field: number, form: number, out: Buffer, position: number): number {
    if (plan.field < 0) return writeCell(plan, block.bytes, 0, 0, form, out, position);
    const content = this.#content;
    content.locate(block, field);
    return writeCell(plan, content.bytes, content.start, content.end, form, out, position);
  }
}

/** The bytes that stand for no character in Windows-1252. */
const UNDEFINED_BYTES = marksOf([...WINDOWS_1252.keys()].filter((byte) => byte > 0 && WINDOWS_1252[byte] === 0));

function hasUndefinedBytes({ bytes, from, to }: RecordBlock): boolean {
  for (let at = from; at < to; at += STRETCH_BYTES) {
    if (findMarks(UNDEFINED_BYTES, bytes, at, Math.min(at + STRETCH_BYTES, to)) > 0) return true;
  }
  return false;
}

/** Whether a cell beyond doubt has digits and punctuation alone: the same bytes in every encoding, and nothing to escape. */
function isAsciiOnly({ kind }: ColumnPlan): boolean {
  return kind === KIND_INTEGER || kind === KIND_DECIMAL || kind === KIND_DATE;
}
