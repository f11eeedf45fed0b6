/** What may be wrong with a mended error file. */
export type CorrectionFaultCode =
  /** The row cannot be cut into cells. */
  | "correction_row_broken"
  /** There are values beyond the last column. */
  | "correction_cells_extra"
  /** `error_ref` is empty. */
  | "correction_ref_missing"
  /** `error_ref` is not what was handed out. */
  | "correction_ref_changed"
  /** `error_ref` is another batch's. */
  | "correction_ref_foreign"
  /** `error_ref` and `error_record` name different records. */
  | "correction_ref_mixed"
  /** Two rows name one record. */
  | "correction_record_twice"
  /** The file has no such record. */
  | "correction_record_unknown"
  /** Both the cells and `error_raw` were changed. */
  | "correction_ambiguous"
  /** `error_raw` still is not one whole record. */
  | "correction_raw_broken"
  /** `error_raw` shows only the beginning of the record. */
  | "correction_raw_cut"
  /** A value has a character that the original's encoding does not have. */
  | "correction_not_encodable"
  /** A value holds U+FFFD: what stood there was lost when the file was saved. */
  | "correction_not_readable"
  /** The record cannot be written in the original's dialect. */
  | "correction_not_writable";

/** One finding about a row of a mended error file. */
export interface CorrectionFault {
  code: CorrectionFaultCode;
  /** What is wrong, and what to do, for the client. */
  message: string;
  /** Physical line of the mended file. */
  line: number;
  /** Of the original file; null where the row names none. */
  record: number | null;
  /** The label of the column. */
  column: string | null;
  /** The text in question. */
  value: string | null;
}
