import type { ScanPlan } from "./dialect.ts";
import { RecordBlock, SLACK_BYTES } from "./record-block.ts";
import { Scanner } from "./scanner.ts";

/** Scans some bytes as if a record began at `at`, and the file ended with them: the first record is the one that is meant. */
export function scanFrom(bytes: Buffer, at: number, { dialect, limits }: ScanPlan): RecordBlock {
  const window = Buffer.allocUnsafe(bytes.length + SLACK_BYTES);
  bytes.copy(window);
  const block = new RecordBlock(limits.columns, bytes.length - at, 1);
  new Scanner({ ...dialect, comment: null, trailer: null }, limits).scan(block, window, at, bytes.length, true);
  return block;
}
