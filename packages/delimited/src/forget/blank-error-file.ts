import { ERROR_LABELS, type ErrorLabel, errorFileDelimiter } from "../returned/error-file.ts";
import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { fieldText } from "../scan/field-text.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import { type BlankedBytes, Blanking } from "./blanked.ts";

/** What of a forgotten record's row tells nothing of it. */
const KEPT: readonly ErrorLabel[] = ["error_line", "error_record", "error_column", "error_code", "error_ref"];
/** A record of any length may stand in one cell of it, with its quotes doubled. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * The same for an error file: in the rows of the records the client's own cells, and messages, fixes and raw text, which quote
 * them. `plan`: of the file that was checked. Rows about the file as a whole stay.
 * @param records rising or not
 */
export async function* blankErrorFile(
  source: ByteSource,
  plan: ScanPlan,
  records: ReadonlySet<number>,
  signal?: AbortSignal,
): AsyncGenerator<BlankedBytes, void> {
  const dialect = errorFileDialect(plan.dialect);
  const limits = { recordBytes: MOST_BYTES, fieldBytes: MOST_BYTES, linesInField: MOST_BYTES, columns: 100_000 };
  const blanking = new Blanking(dialect);
  const own = plan.header.labels.length;
  const keep = new Set(KEPT.map((label) => own + ERROR_LABELS.indexOf(label)));
  const numberAt = own + ERROR_LABELS.indexOf("error_record");
  for await (const block of scanBlocks(source, { marks: dialect, limits, offset: BOM_BYTES, line: 1 }, signal)) {
    for (let r = 0; r < block.count; r += 1) {
      if (!records.has(Number(cellText(block, r, numberAt, dialect)))) continue;
      const start = block.starts[r]!;
      const bytes = Buffer.from(block.bytes.subarray(start, block.ends[r]!));
      const first = block.firstFields[r]!;
      for (let field = first; field < block.firstFields[r + 1]!; field += 1) {
        if (!keep.has(field - first)) blanking.field(block, field, bytes, start);
      }
      yield { offset: block.baseOffset + start, bytes };
    }
  }
}

const BOM_BYTES = 3;

/** As `ErrorFile` writes it. */
function errorFileDialect({ delimiter }: Dialect): Dialect {
  return {
    ...{ encoding: "utf-8", bom: true, quote: '"', escape: "doubled", comment: null, reading: "strict" },
    ...{ trimSpaces: false, trailer: null, lineEnd: "\r\n", quoteAll: false, confidence: 1 },
    delimiter: errorFileDelimiter(delimiter),
  };
}

function cellText(block: RecordBlock, r: number, place: number, { encoding, quote }: Dialect): string {
  const field = block.firstFields[r]! + place;
  return field < block.firstFields[r + 1]! ? fieldText(block, field, encoding, quote) : "";
}
