import { decodeRejected } from "../canonical/rejected.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import type { AddedColumns } from "./added-columns.ts";
import { NewCells } from "./with-columns-cells.ts";
import { RowWriter } from "./with-columns-rows.ts";

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
 * comments, trailer and line ends stay as they came; the new cells stand before each record's line end, in quotes where the
 * file quotes every cell or they need it, escaped as the file's own cells are. A chunk is good until the next but one is asked for: one may be written while the next
 * is made.
 * @throws InvariantBroken when a label cannot be written in the file's encoding; Misconfigured when a cell or label needs
 * quotes and the file's dialect has none.
 */
export async function* withColumns({
  source,
  plan,
  rejected,
  added,
  signal,
}: WithColumnsInput): AsyncGenerator<Buffer, void> {
  yield* beginning(source, plan, added.labels);
  const writer = new RowWriter(plan, added);
  const numbers = decodeRejected(rejected);
  let nextRejected = (await numbers.next()).value ?? Number.POSITIVE_INFINITY;
  let isRejected = new Uint8Array(0);
  let record = 0;
  const { dialect: marks, limits, data } = plan;
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    const last = record + block.count;
    if (isRejected.length < block.count) isRejected = new Uint8Array(Math.min(block.maxRecords, block.count * 2));
    else isRejected.fill(0, 0, block.count);
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
async function* beginning(
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
  if (header.records === 0) {
    yield start.subarray(0, length);
    return;
  }
  const delimiter = Buffer.from(dialect.delimiter);
  const cells = new NewCells(dialect);
  const added = labels.flatMap((label) => [delimiter, cells.label(label)]);
  yield Buffer.concat([start.subarray(0, header.end), ...added, start.subarray(header.end, length)]);
}
