import type { Limits } from "@inlet/contracts";

/** The delimiters that are looked for when the profile does not name one. */
export const DELIMITERS = [",", ";", "|", "\t"] as const;
/** One ASCII character that parts the cells of a record: no letter, digit, quote, backslash, line end or NUL. */
export type Delimiter = string;
/** The character round a cell that holds delimiters or line ends; null: no cell is quoted, quotes are ordinary. */
export type Quote = '"' | "'" | null;
/**
 * How a quote inside a quoted cell is written: twice (RFC 4180), or after a backslash. With backslashes, `\"` and `\\` inside
 * quotes stand for the second character, and any other backslash for itself, as PostgreSQL's COPY reads CSV with
 * `ESCAPE '\'`. Where the dialect has no quote, backslashes are those of PostgreSQL's and MySQL's text dumps: before a
 * delimiter or a line end they make it part of the cell, and `\n`, `\t` and the like stand for a character (field-text.ts).
 */
export type Escape = "doubled" | "backslash";
/**
 * `strict`: what breaks the dialect's rules is a fault. `tolerant`: it is read as a spreadsheet would, and the fault is
 * forgiven (see `Fault`). Limits and NUL bytes are never forgiven.
 */
export type Reading = "strict" | "tolerant";
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
  escape: Escape;
  /** Lines that begin with this character, outside quotes, are no records. */
  comment: string | null;
  reading: Reading;
  /** Spaces and tabs round a cell, and round its quotes, are no part of it. */
  trimSpaces: boolean;
  /** A record that begins with this text, in quotes or not, is none: it says what the file holds. */
  trailer: string | null;
  lineEnd: LineEnd;
  /** Every cell of the header and of the first records is quoted, so new cells are quoted, too. */
  quoteAll: boolean;
  /** From 0 to 1: how sure the detection is; 1 where the profile says so. */
  confidence: number;
}

/**
 * The part of a dialect that decides where records and fields begin and end. What is left out is as the strict, plain rule
 * has it: doubled quotes, no comments, no trailer, spaces are part of a cell.
 */
export type Marks = Pick<Dialect, "delimiter" | "quote"> &
  Partial<Pick<Dialect, "escape" | "comment" | "reading" | "trimSpaces" | "trailer">>;

/** The bounds that decide where a broken record ends; part of the plan, because record numbers depend on them. */
export type ScanLimits = Pick<Limits, "recordBytes" | "fieldBytes" | "columns" | "linesInField">;

/** All that is needed to scan the same file again and meet the same records under the same numbers. Plain JSON. */
export interface ScanPlan {
  dialect: Dialect;
  limits: ScanLimits;
  /** The header; what lies before it (BOM, title lines) belongs to no record. */
  header: {
    /**
     * How many records name the columns; left out: 1. With 0 the file has no header: `offset` and `end` are where its data
     * begin, and the labels are those of the table's columns in order.
     */
    records?: number;
    /** Byte offset of the header's first byte, from 0, and of its end without the line end (of its last record's). */
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
