import { isNull } from "../canonical/null.ts";
import {
  type ColumnPlan,
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DECIMAL,
  KIND_INTEGER,
  KIND_TIMESTAMP,
} from "../cells/column-plan.ts";
import type { CellSpans } from "../keys/unique-rule.ts";

/**
 * The bytes of a row that PostgreSQL can store, at most: a row must fit into one page of 8 KB once its long values have
 * been moved out (MaxHeapTupleSize; manual, section 66.6 and appendix K).
 */
const MOST_ROW_BYTES = 8160;
/** A value that was moved out leaves a pointer of 18 bytes; only what is longer than that, aligned, is moved. */
const POINTER_BYTES = 18;
const LEAST_MOVED_BYTES = 25;
/** Inlet's own columns, `_batch` and `_record`, both bigint. */
const OWN_COLUMNS = 2;
/** Up to this many columns a row fits, whatever it holds. */
const ALWAYS_FITS = 320;

/** Whether rows of so many columns have to be measured at all. */
export function mayBeTooWide(columns: number): boolean {
  return columns > ALWAYS_FITS;
}

/** Whether a record's canonical cells fit into a row of PostgreSQL, even if none of its values can be compressed. */
export function fitsRow(plans: readonly ColumnPlan[], out: Buffer, { starts, ends }: CellSpans): boolean {
  let size = align(23 + Math.ceil((plans.length + OWN_COLUMNS) / 8), 8) + OWN_COLUMNS * 8;
  for (const { index, kind } of plans) {
    const start = starts[index]!;
    const end = ends[index]!;
    const length = end - start;
    if (isNull(out, start, end)) continue;
    switch (kind) {
      case KIND_INTEGER:
      case KIND_TIMESTAMP:
        size = align(size, 8) + 8;
        break;
      case KIND_DATE:
        size = align(size, 4) + 4;
        break;
      case KIND_BOOLEAN:
        size += 1;
        break;
      case KIND_DECIMAL:
        // A length byte, four bytes of sign, scale and weight, two bytes per four digits on either side of the dot.
        size += storedBytes(5 + 2 * (Math.ceil(length / 4) + 1));
        break;
      default:
        size += storedBytes(length + 1);
    }
  }
  return size <= MOST_ROW_BYTES;
}

function storedBytes(bytes: number): number {
  return bytes < LEAST_MOVED_BYTES ? bytes : POINTER_BYTES;
}

function align(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}
