import { RecordWriter, type Written } from "../edit/record-writer.ts";
import { isTooLong, type Replacements, replaceRecords } from "../edit/replace-records.ts";
import type { MappedLabel } from "../header/header.ts";
import type { ErrorFileMark } from "../returned/error-reference.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";
import { recordTexts } from "../scan/field-text.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import type { ByteSource } from "../scan/source.ts";
import type { CorrectionFault } from "./correction-fault.ts";
import { type CorrectionRow, correctionRows } from "./correction-rows.ts";
import { mapColumns, type ReturnedFile } from "./returned-file.ts";
import { isRespelt, isSameText } from "./same-text.ts";

/** `error_raw` shows so much of a record (see the check's failed records). */
const RAW_CHARACTERS = 10_000;

/** What {@link mergeCorrection} needs. */
export interface MergeInput {
  /** The plain file that was checked, and how it was read then. */
  original: ByteSource;
  plan: ScanPlan;
  /** Which of its fields is which column of the table: `report.columns`. */
  columns: readonly MappedLabel[];
  /** Its batch. */
  mark: ErrorFileMark;
  returned: ReturnedFile;
  /** Called for each thing that is wrong with the mended file. The merged bytes are of no use then. */
  onFault: (fault: CorrectionFault) => void;
  signal?: AbortSignal | undefined;
  /** What is put in order at most, where somebody has sorted the rows otherwise. Default: a million rows, 64 MB of text. */
  mostUnsorted?: { rows: number; characters: number };
}

/** What a merge did. */
export interface Merged {
  /** Records of the original. */
  records: number;
  /** Rows of the mended file that name one of them. */
  rows: number;
  /** Records whose bytes are others now. */
  changed: number;
}

/**
 * The original's plain bytes with the mended records in their places. A record that the mended file does not have, or has
 * as it was handed out, keeps its bytes, and so does all that is no record; of a changed record the cells that were not
 * changed keep theirs. What a spreadsheet spelt anew by itself, in a cell without a fault, is not changed. A record that could not be cut into cells is mended in its cells, which are written anew, or in
 * `error_raw`, which then is the record; never in both. Numbers and order of the records stay. Each chunk belongs to the
 * caller. Memory: a window of both files (see {@link correctionRows} for one that was sorted otherwise).
 */
export async function* mergeCorrection(input: MergeInput): AsyncGenerator<Buffer, Merged> {
  const { original, plan, returned, onFault, signal } = input;
  const columns = mapColumns(returned.labels, plan.header.labels);
  const rows = correctionRows({ ...input, file: returned, columns })[Symbol.asyncIterator]();
  const mender = new Mender(plan, input.columns, onFault);
  const merged: Merged = { records: 0, rows: 0, changed: 0 };
  const next = async () => {
    const { value, done } = await rows.next();
    if (!done) merged.rows += 1;
    return done ? undefined : value;
  };
  let row = await next();
  const replacements: Replacements = {
    nextRecord: () => row?.record,
    async replace(block, r) {
      const bytes = mender.mend(block, r, row!);
      row = await next();
      if (bytes !== undefined) merged.changed += 1;
      return bytes;
    },
  };
  merged.records = yield* replaceRecords(original, plan, replacements, signal);
  for (; row !== undefined; row = await next()) {
    const message = `The file has ${merged.records} records and no record ${row.record}.`;
    const { line, record } = row;
    onFault({ code: "correction_record_unknown", message, line, record, column: "error_ref", value: null });
  }
  return merged;
}

/** Finds what was changed in a row, and writes it. */
class Mender {
  readonly #plan: ScanPlan;
  readonly #onFault: (fault: CorrectionFault) => void;
  readonly #writer: RecordWriter;
  /** What each field may be called: by the file's label, and by the table's column. */
  readonly #names: [string, string][];

  constructor(plan: ScanPlan, columns: readonly MappedLabel[], onFault: (fault: CorrectionFault) => void) {
    this.#plan = plan;
    this.#onFault = onFault;
    this.#names = plan.header.labels.map((label, index) => [label, columns[index]?.column ?? label]);
    this.#writer = new RecordWriter(plan);
  }

  /** The record's new bytes; undefined where nothing was changed, or where that cannot be written and has been told. */
  mend(block: RecordBlock, r: number, row: CorrectionRow): Buffer | undefined {
    const { dialect, header } = this.#plan;
    const texts = recordTexts(block, r, dialect.encoding, dialect.quote);
    const changed = row.cells.map((cell, column) =>
      this.#isKept(texts[column] ?? "", cell, row, column) ? null : cell,
    );
    const hasChanged = changed.some((cell) => cell !== null);
    const raw = rawText(block, r, this.#plan);
    if (row.raw !== "" && !isSameText(raw.text, row.raw)) return this.#takeRaw(row, hasChanged, raw.isCut);
    if (!hasChanged) return undefined;
    const lost = changed.findIndex((cell) => cell?.includes("\ufffd"));
    if (lost !== -1) {
      const message =
        "The value holds a character that was lost when a file was saved in another encoding; write it anew.";
      this.#tell(row, "correction_not_readable", message, lost);
      return undefined;
    }
    const isSound = block.faulty[r] === 0 && texts.length === header.labels.length;
    if (!isSound) return this.#bytesOf(row, this.#writer.fromCells(row.cells));
    const cells = new Map(changed.flatMap((cell, column) => (cell === null ? [] : [[column, cell] as const])));
    return this.#bytesOf(row, this.#writer.intoRecord(block, r, cells));
  }

  /** Whether a cell says what it said; where it had no fault, also in a spreadsheet's own spelling. */
  #isKept(given: string, returned: string, { faulty }: CorrectionRow, column: number): boolean {
    if (isSameText(given, returned)) return true;
    if (faulty === null || this.#names[column]!.some((name) => faulty.includes(name))) return false;
    return isRespelt(given, returned);
  }

  #takeRaw(row: CorrectionRow, hasChanged: boolean, isCut: boolean): Buffer | undefined {
    if (hasChanged) {
      const message =
        "Both the cells and error_raw of this row were changed. Change one of them, and take the other from the error file again.";
      this.#tell(row, "correction_ambiguous", message);
      return undefined;
    }
    if (isCut) {
      const message =
        "The record is longer than error_raw shows, so it cannot be mended there. Write its cells, or mend the file itself and send it again.";
      this.#tell(row, "correction_raw_cut", message);
      return undefined;
    }
    const written = row.raw.includes("\ufffd") ? ({ fault: "not_writable" } as const) : this.#writer.fromRaw(row.raw);
    if ("bytes" in written || written.fault === "not_encodable") return this.#bytesOf(row, written);
    const message = "error_raw is still not one whole record of the file: look at its quotes and line ends.";
    this.#tell(row, "correction_raw_broken", message);
    return undefined;
  }

  #bytesOf(row: CorrectionRow, written: Written): Buffer | undefined {
    if ("bytes" in written) return written.bytes;
    const { encoding } = this.#plan.dialect;
    if (written.fault === "not_encodable") {
      const message = `The value has a character that the original file's encoding (${encoding}) does not have. Write it with others, or send the whole file as UTF-8.`;
      this.#tell(row, "correction_not_encodable", message, written.column);
    } else {
      const message =
        "The values cannot be written in the original file's format: a delimiter or a line end in a file without quotes, or a record that would be a blank or a comment line.";
      this.#tell(row, "correction_not_writable", message);
    }
    return undefined;
  }

  #tell(row: CorrectionRow, code: CorrectionFault["code"], message: string, column?: number): void {
    const { line, record } = row;
    const isCell = column !== undefined && column >= 0;
    this.#onFault({
      code,
      message: `Record ${record}: ${message}`,
      line,
      record,
      column: isCell ? this.#plan.header.labels[column]! : null,
      value: isCell ? row.cells[column]! : null,
    });
  }
}

/** A record's own text, as `error_raw` has it where it has it. */
function rawText(block: RecordBlock, r: number, { dialect }: ScanPlan): { text: string; isCut: boolean } {
  const start = block.starts[r]!;
  const end = Math.min(block.ends[r]!, start + RAW_CHARACTERS * 4);
  const whole = decodeText(block.bytes, start, end, dialect.encoding);
  const isCut = isTooLong(block, r) || end < block.ends[r]! || whole.length > RAW_CHARACTERS;
  return { text: whole.slice(0, RAW_CHARACTERS), isCut };
}
