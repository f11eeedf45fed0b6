import type { ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanFrom } from "../scan/scan-from.ts";
import type { ByteSource } from "../scan/source.ts";
import { type Edit, EditRefused, type SortedEdits } from "./edits.ts";
import { RecordWriter, type Written } from "./record-writer.ts";
import { isTooLong, replaceRecords } from "./replace-records.ts";

/** What {@link writeEdits} needs. */
export interface EditsInput {
  /** The plain file that was checked, and how it was read then. */
  source: ByteSource;
  plan: ScanPlan;
  edits: SortedEdits;
  signal?: AbortSignal | undefined;
}

/** What was written. */
export interface EditsWritten {
  /** Records of the file. A check of what was written must count as many (see {@link writeEdits}). */
  records: number;
  /** Records with an edit. */
  changed: number;
  /** Edits that were made. */
  edits: number;
}

/**
 * The client's own bytes with edits made in them: of an edited record the other cells keep theirs, and so does all else. A new
 * cell is quoted where the dialect needs it, and written in the file's encoding. A record that has fewer cells is made as long
 * as an edit of it takes; one that is broken, so that its cells would be cut otherwise by the edit, is written anew with the
 * cells that it shows. Numbers and order of the records stay, but for one case: where a quote of another record is still open,
 * a quote of an edit may close it. Then the next check counts fewer records than are said here, and what was written is not
 * to be used: that record has to be mended as well. Each chunk belongs to the caller. Memory: a window of the file, and the
 * edits of one record.
 * @throws EditRefused for the first edit that cannot be made.
 */
export async function* writeEdits({ source, plan, edits, signal }: EditsInput): AsyncGenerator<Buffer, EditsWritten> {
  const groups = byRecord(edits);
  const editor = new RecordEditor(plan);
  const written: EditsWritten = { records: 0, changed: 0, edits: 0 };
  let group = (await groups.next()).value ?? undefined;
  written.records = yield* replaceRecords(
    source,
    plan,
    {
      nextRecord: () => group?.[0]?.record,
      async replace(block, r) {
        const made = group!;
        group = (await groups.next()).value ?? undefined;
        written.changed += 1;
        written.edits += made.length;
        return editor.edit(block, r, made);
      },
    },
    signal,
  );
  const [edit] = group ?? [];
  if (edit !== undefined) {
    const message = `The file has ${written.records} records and no record ${edit.record}.`;
    throw new EditRefused("edit_record_unknown", message, edit);
  }
  return written;
}

/**
 * Why a value cannot stand in a file's cells, whatever stands beside it; null: it can. What depends on its record, `writeEdits`
 * finds. To be asked when an edit is taken down.
 */
export function editFault(plan: ScanPlan, edit: Edit): EditRefused | null {
  const writer = new RecordWriter(plan);
  const written = edit.columnIndex === null ? writer.fromRaw(edit.value) : writer.fromCells(["x", edit.value]);
  return "bytes" in written ? null : refusalOf(plan, edit, written);
}

/** The edits of one record after the other. */
async function* byRecord(edits: SortedEdits): AsyncGenerator<Edit[], void> {
  let group: Edit[] = [];
  for await (const edit of edits) {
    const last = group[0]?.record ?? edit.record;
    if (edit.record < last || edit.record < 1) {
      throw new EditRefused("edits_unsorted", `The edit of record ${edit.record} comes after one of ${last}.`, edit);
    }
    if (edit.record > last) {
      yield group;
      group = [];
    }
    group.push(edit);
  }
  if (group.length > 0) yield group;
}

/** Makes the edits of one record. */
class RecordEditor {
  readonly #plan: ScanPlan;
  readonly #writer: RecordWriter;

  constructor(plan: ScanPlan) {
    this.#plan = plan;
    this.#writer = new RecordWriter(plan);
  }

  /** The record's new bytes. */
  edit(block: RecordBlock, r: number, edits: readonly Edit[]): Buffer {
    const whole = edits.findLast(({ columnIndex }) => columnIndex === null);
    const ofCells = new Map(edits.flatMap((edit) => (edit.columnIndex === null ? [] : [[edit.columnIndex, edit]])));
    if (whole === undefined) return this.#editCells(block, r, ofCells);
    const bytes = this.#bytesOf(this.#writer.fromRaw(whole.value), () => whole);
    return ofCells.size === 0 ? bytes : this.#editCells(scanFrom(bytes, 0, this.#plan), 0, ofCells);
  }

  #editCells(block: RecordBlock, r: number, edits: ReadonlyMap<number, Edit>): Buffer {
    const [first] = edits.values();
    if (isTooLong(block, r)) {
      const { recordBytes } = this.#plan.limits;
      const message = `Record ${first!.record} is longer than ${recordBytes} bytes, so its cells cannot be mended one by one; mend the file itself.`;
      throw new EditRefused("edit_record_too_long", message, first!);
    }
    const own = block.firstFields[r + 1]! - block.firstFields[r]!;
    const width = Math.max(own, this.#plan.header.labels.length);
    for (const edit of edits.values()) {
      if (edit.columnIndex! >= 0 && edit.columnIndex! < width) continue;
      const message = `Record ${edit.record} has no column ${edit.columnIndex! + 1}; the file has ${width}.`;
      throw new EditRefused("edit_column_unknown", message, edit);
    }
    const cells = new Map([...edits].map(([column, { value }]) => [column, value]));
    return this.#bytesOf(this.#writer.intoRecord(block, r, cells), (column) => edits.get(column) ?? first!);
  }

  #bytesOf(written: Written, editOf: (column: number) => Edit): Buffer {
    if ("bytes" in written) return written.bytes;
    const edit = editOf(written.fault === "not_encodable" ? written.column : -1);
    throw refusalOf(this.#plan, edit, written);
  }
}

function refusalOf({ dialect, header }: ScanPlan, edit: Edit, { fault }: Exclude<Written, { bytes: Buffer }>) {
  const { record, columnIndex } = edit;
  const label = columnIndex === null ? undefined : header.labels[columnIndex];
  const place = label === undefined ? `Record ${record}` : `Record ${record}, ${label}`;
  return fault === "not_encodable"
    ? new EditRefused(
        "edit_not_encodable",
        `${place}: the value has a character that the file's encoding (${dialect.encoding}) does not have. Write it with others, or send the whole file as UTF-8.`,
        edit,
      )
    : new EditRefused(
        "edit_not_writable",
        `${place}: the value cannot be written in this file: a delimiter or a line end in a file without quotes, a NUL character, more than a cell may hold, or a record that would be a blank or a comment line.`,
        edit,
      );
}
