import type { CellFaultCode } from "../cells/cell-fault.ts";
import type { HeaderFinding } from "../header/header.ts";
import type { FaultCode } from "../scan/record-block.ts";

/** Findings about the file as a whole. */
export type FileIssueCode =
  | "file_empty"
  | "file_utf16"
  | "file_too_large"
  | "records_missing"
  | "records_too_few"
  | "records_too_many"
  | "header_not_found"
  | "header_broken"
  | "mapping_differs"
  | "title_lines"
  | "blank_lines"
  | "rule_not_checked"
  | "reference_table_missing"
  | "trailer_missing"
  | "trailer_not_last"
  | "trailer_broken"
  | "control_missing"
  | "control_unreadable"
  | "control_differs"
  | "control_sum_unreadable";

/** Findings about one record: its structure, or its place among the others. */
export type RecordIssueCode =
  | FaultCode
  | "cells_missing"
  | "cells_extra"
  | "record_blank"
  | "record_too_wide"
  | "encoding_invalid"
  | "value_duplicate"
  | "key_duplicate"
  | "key_too_long"
  | "combination_duplicate"
  | "reference_unknown"
  | "comparison_fails"
  | "sum_differs"
  | `hook_${string}`
  | "link_withheld"
  | "group_rejected";

/** Every code that a check may report. Codes are stable: clients' programs read them. Those of hooks end with their names. */
export type IssueCode = FileIssueCode | RecordIssueCode | CellFaultCode | HeaderFinding["code"];
