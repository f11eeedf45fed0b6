import { isUtf8 } from "node:buffer";
import type { RecordBlock } from "../scan/record-block.ts";

/** Whether no cell of a record has a value. */
export function isBlankRecord(block: RecordBlock, r: number): boolean {
  for (let field = block.firstFields[r]!; field < block.firstFields[r + 1]!; field += 1) {
    if (block.fieldEnds[field] !== block.fieldStarts[field]) return false;
  }
  return true;
}

/** Whether a record is valid UTF-8. */
export function isSoundRecord(block: RecordBlock, r: number): boolean {
  return isUtf8(block.bytes.subarray(block.starts[r]!, block.ends[r]!));
}
