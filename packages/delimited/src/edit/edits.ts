import { InvalidInput } from "@inlet/contracts";

/** What one cell of a file is to hold, or one record to be. */
export interface Edit {
  /** Record number in the file, from 1. */
  record: number;
  /** Place of the column in the file, from 0; null: `value` is the whole record, as the file's dialect writes it. */
  columnIndex: number | null;
  /** A cell's text as it is meant, without quotes or escapes of the file: these are set where they are needed. */
  value: string;
}

/** Edits in the order of their records. Of several of one cell the last counts; a whole record goes before its cells. */
export type SortedEdits = AsyncIterable<Edit> | Iterable<Edit>;

/** Why an edit cannot be made. */
export type EditFaultCode =
  | "edit_not_encodable"
  | "edit_not_writable"
  | "edit_column_unknown"
  | "edit_record_unknown"
  | "edit_record_too_long"
  | "edits_unsorted";

/** Thrown for an edit that cannot be made; the file that was being written is of no use then. */
export class EditRefused extends InvalidInput {
  /** One of {@link EditFaultCode}. */
  readonly edit: Edit;

  constructor(code: EditFaultCode, message: string, edit: Edit) {
    super({ code, message, context: { record: edit.record, columnIndex: edit.columnIndex } });
    this.edit = edit;
  }
}
