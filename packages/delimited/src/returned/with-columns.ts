import { InvariantBroken } from "@inlet/contracts";
import { decodeRejected } from "../canonical/rejected.ts";
import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { BLOCK_RECORDS, type RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import type { AddedColumns } from "./added-columns.ts";

/** What {@link withColumns} needs. */
export interface WithColumnsInput {
  /** The client's plain file, the one that was checked. */
  source: ByteSource;
  /** `report.scan` of its check. */
  plan: ScanPlan;
  /** The bytes of the rejected file (in chunks); none rejected: an empty list. */
  rejected: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  added: AddedColumns;
  signal?: AbortSignal | undefined;
}

/**
 * The client's own bytes with columns added: BOM, title lines, header, every record that was not rejected, blank lines,
 * and line ends stay as they came; the new cells stand before each record's line end, in quotes where the file quotes every
 * cell or they need it. Each chunk belongs to the caller.
 * @throws InvariantBroken when a label cannot be written in the file's encoding.
 */
export async function* withColumns({
  source,
  plan,
  rejected,
  added,
  signal,
}: WithColumnsInput): AsyncGenerator<Buffer, void> {
  yield* headerWithLabels(source, plan, added.labels);
  const writer = new RowWriter(plan.dialect, added);
  const numbers = decodeRejected(rejected);
  let nextRejected = (await numbers.next()).value ?? Number.POSITIVE_INFINITY;
  const isRejected = new Uint8Array(BLOCK_RECORDS);
  let record = 0;
  const { dialect: marks, limits, data } = plan;
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    const last = record + block.count;
    isRejected.fill(0, 0, block.count);
    while (nextRejected <= last) {
      isRejected[nextRejected - record - 1] = 1;
      nextRejected = (await numbers.next()).value ?? Number.POSITIVE_INFINITY;
    }
    const rows = await writer.write(block, record, isRejected);
    if (rows.length > 0) yield rows;
    record = last;
  }
}

/** Everything up to the first record, with the new labels at the header's end. */
async function* headerWithLabels(
  source: ByteSource,
  { dialect, header, data }: ScanPlan,
  labels: readonly string[],
): AsyncGenerator<Buffer, void> {
  const start = Buffer.allocUnsafe(data.offset);
  let length = 0;
  for await (const chunk of source.open()) {
    const part = Math.min(chunk.length, data.offset - length);
    start.set(chunk.subarray(0, part), length);
    length += part;
    if (length === data.offset) break;
  }
  const cells = labels.map((label) => {
    const quote = dialect.quote !== null && (dialect.quoteAll || needsQuotes(label, dialect)) ? dialect.quote : "";
    const text = quote === "" ? label : label.replaceAll(quote, quote + quote);
    const bytes = encodeText(`${dialect.delimiter}${quote}${text}${quote}`, dialect.encoding);
    if (bytes !== undefined) return bytes;
    throw new InvariantBroken({
      code: "label_not_encodable",
      message: `The label ${label} cannot be written in ${dialect.encoding}.`,
    });
  });
  yield Buffer.concat([start.subarray(0, header.end), ...cells, start.subarray(header.end, length)]);
}

function needsQuotes(text: string, { delimiter, quote }: Dialect): boolean {
  return text.includes(delimiter) || /[\r\n]/.test(text) || (quote !== null && text.startsWith(quote));
}

/** Writes the records of a block with their new cells. */
class RowWriter {
  readonly #dialect: Dialect;
  readonly #added: AddedColumns;
  readonly #delimiter: number;
  /** Bytes of a record's new cells as `fill` writes them. */
  readonly #rowBytes: number;
  readonly #records = new Float64Array(BLOCK_RECORDS);
  readonly #withheld = new Uint8Array(BLOCK_RECORDS);
  #cells: Buffer = Buffer.alloc(0);

  constructor(dialect: Dialect, added: AddedColumns) {
    this.#dialect = dialect;
    this.#added = added;
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#rowBytes = added.widths.reduce((sum, width) => sum + width, 0);
  }

  /**
   * @param before how many records came before the block's first.
   * @param isRejected 1 for each record of the block that is left out.
   */
  async write(block: RecordBlock, before: number, isRejected: Uint8Array): Promise<Buffer> {
    let kept = 0;
    for (let r = 0; r < block.count; r += 1) if (isRejected[r] === 0) this.#records[kept++] = before + r + 1;
    if (this.#cells.length < kept * this.#rowBytes) this.#cells = Buffer.allocUnsafe(kept * this.#rowBytes);
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

  #join(block: RecordBlock, kept: number, isRejected: Uint8Array): Buffer {
    const { bytes, starts, ends, nexts } = block;
    const columns = this.#added.widths.length;
    const quoted = this.#quotedColumns(kept);
    const extra = this.#rowBytes + columns * 3;
    const out = Buffer.allocUnsafeSlow(block.to - block.from + kept * extra);
    const cells = this.#cells;
    const withheld = this.#withheld;
    let at = 0;
    /** Where the bytes begin that have been kept but not been copied yet. */
    let from = block.from;
    let cellAt = 0;
    let k = 0;
    for (let r = 0; r < block.count; r += 1) {
      if (isRejected[r] === 1) {
        at += bytes.copy(out, at, from, starts[r]);
        from = nexts[r]!;
        continue;
      }
      const end = ends[r]!;
      at += bytes.copy(out, at, from, end);
      from = end;
      for (let column = 0; column < columns; column += 1) {
        const width = this.#added.widths[column]!;
        const quote = quoted[column]!;
        out[at++] = this.#delimiter;
        if (quote !== 0) out[at++] = quote;
        if (withheld[k] === 0) {
          for (let i = 0; i < width; i += 1) out[at + i] = cells[cellAt + i]!;
          at += width;
        }
        if (quote !== 0) out[at++] = quote;
        cellAt += width;
      }
      k += 1;
    }
    at += bytes.copy(out, at, from, block.to);
    return out.subarray(0, at);
  }

  /** The quote of each column, or 0: all of them where the file quotes every cell, else where the cells need it. */
  #quotedColumns(kept: number): Uint8Array {
    const { quote, quoteAll } = this.#dialect;
    const quoted = new Uint8Array(this.#added.widths.length);
    if (quote === null || kept === 0) return quoted;
    let first = 0;
    while (first < kept - 1 && this.#withheld[first] === 1) first += 1;
    let from = first * this.#rowBytes;
    this.#added.widths.forEach((width, column) => {
      const sample = this.#cells.toString("latin1", from, from + width);
      if (quoteAll || (this.#withheld[first] === 0 && needsQuotes(sample, this.#dialect))) {
        quoted[column] = quote.charCodeAt(0);
      }
      from += width;
    });
    return quoted;
  }
}
