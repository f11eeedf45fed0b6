import { limitsSchema } from "@inlet/contracts";
import type { Encoding, ScanLimits, ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";
import type { FixedFormat } from "./detect.ts";
import { lookAt, type Unreadable } from "./look-at.ts";

/** What is known of a file before it is sniffed at. */
export interface SniffOptions {
  /** What is fixed; what is left out, or `auto`, is looked for in the file. */
  format?: FixedFormat & { encoding?: Encoding | "auto" | undefined };
  limits?: ScanLimits;
  signal?: AbortSignal;
}

/** What a file's beginning says of it. Plain JSON. */
export interface Sniffed {
  /** Delimiter, quote, escape, encoding, comment sign, line ends (of the first lines), and how sure all that is. */
  dialect: ScanPlan["dialect"];
  /** The file names its columns. */
  header: boolean;
  /** Physical lines before the header, or before the first record of a file that has none. */
  preambleLines: number;
  /** A name for each column: the header's labels as they stand in the file, or `column_1`, `column_2`, …. */
  labels: string[];
  /** How to read the records. */
  scan: ScanPlan;
  /** Offset of the first byte that is not valid UTF-8, if that is why the file was read as Windows-1252. */
  firstInvalidUtf8: number | null;
  /** The encoding holds for the whole file; false: its beginning is all ASCII, and says nothing of the rest. */
  isEncodingKnown: boolean;
}

/**
 * Finds out how a file is written without knowing what it should hold: dialect, title lines, header. The encoding is judged
 * from the whole file, everything else from its beginning. A file without a record (`file_empty`), of UTF-16 (`file_utf16`)
 * or without an end of its first record (`header_broken`) is answered with the problem; see {@link isUnreadable}.
 */
export async function sniff(source: ByteSource, options: SniffOptions = {}): Promise<Sniffed | Unreadable> {
  const { format = {}, signal } = options;
  const limits = options.limits ?? scanLimitsOf(limitsSchema.parse({}));
  const look = await lookAt(source, { fixed: format, limits, signal });
  if (isUnreadable(look)) return look;
  const { scan, table, firstInvalidUtf8, encoding } = look;
  const header = table.headerRecords > 0;
  const labels = header ? table.labels : Array.from({ length: table.width }, (_, index) => `column_${index + 1}`);
  scan.header.labels = labels;
  const isEncodingKnown = encoding !== undefined;
  return {
    ...{ dialect: scan.dialect, header, preambleLines: table.line - 1, labels, scan },
    ...{ firstInvalidUtf8, isEncodingKnown },
  };
}

/** Whether a file could not be read; then `problem` says why. */
export function isUnreadable(found: object): found is Unreadable {
  return "problem" in found;
}

/** The limits that decide where a broken record ends. */
export function scanLimitsOf({ recordBytes, fieldBytes, columns, linesInField }: ScanLimits): ScanLimits {
  return { recordBytes, fieldBytes, columns, linesInField };
}
