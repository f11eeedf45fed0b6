import type { Limits } from "@inlet/contracts";

/** The delimiters that are looked for when the profile does not name one. */
export const DELIMITERS = [",", ";", "|", "\t"] as const;
/** One ASCII character that parts the cells of a record. */
export type Delimiter = string;
/** The character round a cell that holds delimiters or line ends; null: no cell is quoted, quotes are ordinary. */
export type Quote = '"' | "'" | null;
/** How characters become bytes. */
export type Encoding = "utf-8" | "windows-1252";
/** What ends the file's lines; `mixed` where more than one of them was met. */
export type LineEnd = "\n" | "\r\n" | "\r" | "mixed";

/** How a file is written. Everything in it can be stored as JSON. */
export interface Dialect {
  encoding: Encoding;
  /** The file begins with EF BB BF. */
  bom: boolean;
  delimiter: Delimiter;
  quote: Quote;
  lineEnd: LineEnd;
  /** Every cell of the header and of the first records is quoted, so new cells are quoted, too. */
  quoteAll: boolean;
  /** From 0 to 1: how sure the detection is; 1 where the profile says so. */
  confidence: number;
}

/** The bounds that decide where a broken record ends; part of the plan, because record numbers depend on them. */
export type ScanLimits = Pick<Limits, "recordBytes" | "fieldBytes" | "columns" | "linesInField">;

/** All that is needed to scan the same file again and meet the same records under the same numbers. Plain JSON. */
export interface ScanPlan {
  dialect: Dialect;
  limits: ScanLimits;
  /** The header record; what lies before it (BOM, title lines) belongs to no record. */
  header: {
    /** Byte offset of the header's first byte, from 0, and of its end without the line end. */
    offset: number;
    end: number;
    /** Physical line of the header, from 1. */
    line: number;
    /** The labels as they stand in the file, decoded and unquoted. */
    labels: string[];
  };
  /** Where the line after the header begins. */
  data: { offset: number; line: number };
}
