/** What is wrong with a record's structure, found by the scanner itself. */
export type FaultCode =
  | "quote_unclosed"
  | "quote_stray"
  | "text_after_quote"
  | "spaces_round_quotes"
  | "record_too_long"
  | "field_too_long"
  | "columns_too_many"
  | "nul_byte";

/** One structural fault of a record. */
export interface Fault {
  /** Index of the record in its block. */
  record: number;
  code: FaultCode;
  /** Position of the fault in the block's bytes. */
  at: number;
  /** Index of the field in its record; -1 where the whole record is meant. */
  field: number;
  /** Tolerant reading went on as if the fault were none; the record may be kept, and the fault is a warning. */
  forgiven: boolean;
}

/** What `faulty[r]` says: the scanner found at least one fault that is not forgiven, or only forgiven ones. 0: none. */
export const RECORD_FAULTY = 1;
export const RECORD_FORGIVEN = 2;

/** A line that begins with the trailer's text. Its positions are those of its block's bytes, and go with them. */
export interface Trailer {
  start: number;
  /** Without its line end. */
  end: number;
  /** Physical line, relative to the block's `baseLine`. */
  line: number;
  /** How many of the block's records stand before it; with fewer than `count`, records follow. */
  recordsBefore: number;
  /** Its cells, to be read with `trailerTexts`. */
  fields: { start: number; end: number; flags: number }[];
  /** What is wrong with it; `record` is -1. */
  faults: Fault[];
}

/**
 * How many bytes must be there after the last one that is scanned: one for the scanner's sentinel, the others for readers
 * that take eight at a time.
 */
export const SLACK_BYTES = 8;
/** The most records in one block. */
export const BLOCK_RECORDS = 16_384;
/** The fields that a block holds before it is handed on; a record of many columns may go beyond. */
const BLOCK_FIELDS = 65_536;

/**
 * Some thousand records as positions in one stretch of bytes. It is filled again and again: what is wanted later is copied
 * out. No string is made here.
 */
export class RecordBlock {
  bytes: Buffer = Buffer.alloc(0);
  /** The file's byte offset of `bytes[0]`. */
  baseOffset = 0;
  /** Physical line, from 1, to which `lines` is relative. */
  baseLine = 1;
  /**
   * Where the block's own bytes begin and end in `bytes`. Before the first record there may be blank lines; `from` is
   * already past the rest of an over-long record that began in the block before.
   */
  from = 0;
  to = 0;
  /** How many records there are. */
  count = 0;
  /** The most records, and the fields after which no further record is begun. */
  readonly maxRecords: number;
  readonly maxFields: number;
  /** Where record `r` begins, and ends without its line end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Where the line after record `r` begins. */
  readonly nexts: Int32Array;
  /** Physical line of record `r`, relative to `baseLine`. */
  readonly lines: Int32Array;
  /** Record `r` has the fields `firstFields[r]` to `firstFields[r + 1] - 1`. */
  readonly firstFields: Int32Array;
  /** RECORD_FAULTY, RECORD_FORGIVEN or 0 for record `r`. */
  readonly faulty: Uint8Array;
  /** Where a field's content begins and ends, without its quotes. */
  readonly fieldStarts: Int32Array;
  readonly fieldEnds: Int32Array;
  /** A bit set of FIELD_QUOTED and FIELD_ESCAPED. */
  readonly fieldFlags: Uint8Array;
  faults: Fault[] = [];
  /** A quoted field may hold a line end, or a tab although tabs part the fields. */
  hasInnerBreaks = false;
  /** Blank lines met in this block. They are no records. */
  blankLines = 0;
  /** The first blank line's number relative to `baseLine`, or -1. */
  firstBlankLine = -1;
  /** Comment lines met in this block, and the first one's number relative to `baseLine`, or -1. They are no records. */
  commentLines = 0;
  firstCommentLine = -1;
  /** Trailer lines met in this block; a sound file has one, after its last record. They are no records. */
  trailerLines = 0;
  /** The first and the last of them. */
  firstTrailer: Trailer | null = null;
  lastTrailer: Trailer | null = null;

  /**
   * @param bytes how many bytes will be scanned into it at once: a small file needs a small block only.
   * @param mostRecords fewer records than a block usually holds.
   */
  constructor(maxColumns: number, bytes: number, mostRecords: number = BLOCK_RECORDS) {
    // A record has a line end, but for the last one; a blank line is none.
    this.maxRecords = Math.min(mostRecords, (bytes >>> 1) + 1);
    this.maxFields = Math.min(BLOCK_FIELDS, bytes + 1);
    const fields = this.maxFields + Math.min(maxColumns, bytes) + 1;
    this.starts = new Int32Array(this.maxRecords);
    this.ends = new Int32Array(this.maxRecords);
    this.nexts = new Int32Array(this.maxRecords);
    this.lines = new Int32Array(this.maxRecords);
    this.firstFields = new Int32Array(this.maxRecords + 1);
    this.faulty = new Uint8Array(this.maxRecords + 1);
    this.fieldStarts = new Int32Array(fields);
    this.fieldEnds = new Int32Array(fields);
    this.fieldFlags = new Uint8Array(fields);
  }

  /** Empties the block, for bytes from `from` on. */
  begin(bytes: Buffer, from: number): void {
    this.bytes = bytes;
    this.from = from;
    this.count = 0;
    this.faults = [];
    this.hasInnerBreaks = false;
    this.blankLines = 0;
    this.firstBlankLine = -1;
    this.commentLines = 0;
    this.firstCommentLine = -1;
    this.trailerLines = 0;
    this.firstTrailer = null;
    this.lastTrailer = null;
  }

  /** A block for more bytes, at the same place of the file; itself when it is large enough. */
  forBytes(maxColumns: number, bytes: number): RecordBlock {
    if (this.maxFields >= Math.min(BLOCK_FIELDS, bytes + 1)) return this;
    const larger = new RecordBlock(maxColumns, bytes);
    larger.baseOffset = this.baseOffset;
    larger.baseLine = this.baseLine;
    return larger;
  }
}

/** The field stood in quotes. */
export const FIELD_QUOTED = 1;
/** The field's bytes are not its content: it holds escapes, or text after its closing quote that was forgiven. */
export const FIELD_ESCAPED = 2;
/** The escapes, if any, are backslashes. */
export const FIELD_BACKSLASH = 4;

/** The faults of one record. Quick however many there are. */
export function faultsOf({ faults }: RecordBlock, record: number): Fault[] {
  let low = 0;
  let high = faults.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (faults[middle]!.record < record) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < faults.length && faults[end]!.record === record) end += 1;
  return faults.slice(low, end);
}
