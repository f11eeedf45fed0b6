import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { type RecordBlock, SLACK_BYTES } from "../scan/record-block.ts";
import { WideCopy } from "../scan/wide-copy.ts";
import type { AddedColumns } from "./added-columns.ts";
import { type CellForm, NewCells } from "./with-columns-cells.ts";

const BACKSLASH = 0x5c;
/** Longer stretches are copied by the runtime. */
const MOST_COPIED_WIDE_BYTES = 512;

/** Writes the records of a block with their new cells. */
export class RowWriter {
  readonly #dialect: Dialect;
  readonly #added: AddedColumns;
  readonly #newCells: NewCells;
  readonly #delimiter: number;
  /** How many cells the header has. */
  readonly #width: number;
  /** Bytes of a record's new cells as `fill` writes them. */
  readonly #rowBytes: number;
  readonly #wide = new WideCopy();
  /** Used in turn: what was given out last may still be on its way to the disk. */
  readonly #buffers: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  #turn: 0 | 1 = 0;
  #records = new Float64Array(0);
  #withheld = new Uint8Array(0);
  #cells: Buffer = Buffer.alloc(0);

  constructor({ dialect, header }: ScanPlan, added: AddedColumns) {
    this.#dialect = dialect;
    this.#added = added;
    this.#newCells = new NewCells(dialect);
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#width = header.labels.length;
    this.#rowBytes = added.widths.reduce((sum, width) => sum + width, 0);
  }

  /**
   * The bytes of a block's rows, good until the call after the next.
   * @param before how many records came before the block's first.
   * @param isRejected 1 for each record of the block that is left out.
   */
  async write(block: RecordBlock, before: number, isRejected: Uint8Array): Promise<Buffer> {
    if (this.#records.length < block.count) this.#makeRoom(Math.min(block.maxRecords, block.count * 2));
    let kept = 0;
    for (let r = 0; r < block.count; r += 1) if (isRejected[r] === 0) this.#records[kept++] = before + r + 1;
    const cellBytes = kept * this.#rowBytes + SLACK_BYTES;
    if (this.#cells.length < cellBytes) this.#cells = Buffer.allocUnsafe(cellBytes);
    this.#withheld.fill(0, 0, kept);
    if (kept > 0) {
      await this.#added.fill(
        this.#records.subarray(0, kept),
        this.#cells.subarray(0, kept * this.#rowBytes),
        this.#withheld.subarray(0, kept),
      );
    }
    return this.#join(block, kept, isRejected);
  }

  /** As many as the block may hold: a small file's is small. */
  #makeRoom(records: number): void {
    this.#records = new Float64Array(records);
    this.#withheld = new Uint8Array(records);
  }

  #join(block: RecordBlock, kept: number, isRejected: Uint8Array): Buffer {
    const { bytes, starts, nexts } = block;
    const { widths } = this.#added;
    const forms = this.#forms(kept);
    const mostBytes = block.to - block.from + this.#mostNewBytes(block, kept, forms);
    const out = this.#nextBuffer(mostBytes + SLACK_BYTES);
    let at = 0;
    /** Where the bytes begin that have been kept but not been copied yet. */
    let from = block.from;
    let cellAt = 0;
    let k = 0;
    for (let r = 0; r < block.count; r += 1) {
      if (isRejected[r] === 1) {
        at = this.#copy(bytes, from, starts[r]!, out, at);
        from = nexts[r]!;
        continue;
      }
      const end = this.#endOfCells(block, r);
      at = this.#copy(bytes, from, end, out, at);
      from = end;
      at = this.#fillUp(block, r, out, at);
      for (let column = 0; column < widths.length; column += 1) {
        const width = widths[column]!;
        out[at++] = this.#delimiter;
        at = this.#newCells.write(
          out,
          at,
          this.#cells,
          cellAt,
          cellAt + (this.#withheld[k] === 0 ? width : 0),
          forms[column]!,
        );
        cellAt += width;
      }
      k += 1;
    }
    at = this.#copy(bytes, from, block.to, out, at);
    return out.subarray(0, at);
  }

  #nextBuffer(sizeBytes: number): Buffer {
    this.#turn = this.#turn === 0 ? 1 : 0;
    const buffer = this.#buffers[this.#turn];
    if (buffer.length >= sizeBytes) return buffer;
    const larger = Buffer.allocUnsafeSlow(sizeBytes);
    this.#buffers[this.#turn] = larger;
    return larger;
  }

  #copy(bytes: Buffer, from: number, to: number, out: Buffer, position: number): number {
    if (to - from > MOST_COPIED_WIDE_BYTES) return position + bytes.copy(out, position, from, to);
    return this.#wide.copy(bytes, from, to, out, position);
  }

  /** How each column is written. All its cells are alike, so the first that is not withheld speaks for it. */
  #forms(kept: number): CellForm[] {
    let first = 0;
    while (first < kept - 1 && this.#withheld[first] === 1) first += 1;
    const isEmpty = kept === 0 || this.#withheld[first] === 1;
    let from = first * this.#rowBytes;
    return this.#added.widths.map((width) => {
      const sample = isEmpty ? "" : this.#cells.toString("latin1", from, from + width);
      from += width;
      return this.#newCells.formOf(sample);
    });
  }

  /** The most bytes that come to those of the block. */
  #mostNewBytes(block: RecordBlock, kept: number, forms: readonly CellForm[]): number {
    const rowBytes = forms.some(({ escapes }) => escapes) ? this.#rowBytes * 2 : this.#rowBytes;
    let missing = 0;
    for (let r = 0; r < block.count; r += 1) missing += Math.max(0, this.#missingCells(block, r));
    return kept * (rowBytes + forms.length * 3 + 1) + missing;
  }

  /** How many cells of the header's a record lacks; below 0: it has more. Only tolerant reading keeps such records. */
  #missingCells({ firstFields }: RecordBlock, r: number): number {
    return this.#width - (firstFields[r + 1]! - firstFields[r]!);
  }

  /** Where the new cells stand: after as many cells as the header has, so that they are under their labels. */
  #endOfCells(block: RecordBlock, r: number): number {
    if (this.#missingCells(block, r) >= 0) return block.ends[r]!;
    let at = block.fieldStarts[block.firstFields[r]! + this.#width]! - 1;
    while (block.bytes[at] !== this.#delimiter) at -= 1;
    return at;
  }

  /** Writes what a record needs before new cells may follow: delimiters for missing ones, the end of an open escape. */
  #fillUp(block: RecordBlock, r: number, out: Buffer, position: number): number {
    let at = position;
    if (this.#dialect.quote === null && this.#dialect.escape === "backslash" && block.nexts[r] === block.ends[r]) {
      let backslashes = 0;
      while (out[at - 1 - backslashes] === BACKSLASH && backslashes < at) backslashes += 1;
      if (backslashes % 2 === 1) out[at++] = BACKSLASH;
    }
    for (let missing = this.#missingCells(block, r); missing > 0; missing -= 1) out[at++] = this.#delimiter;
    return at;
  }
}
