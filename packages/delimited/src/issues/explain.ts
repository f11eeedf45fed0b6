import type { Column } from "@inlet/contracts";
import type { CellFaultCode } from "../cells/cell-fault.ts";
import type { ScanLimits } from "../scan/dialect.ts";
import type { FaultCode } from "../scan/record-block.ts";

/** One sentence for a client about a cell: what is wrong and what is expected. The value is shown beside it, not in it. */
export function explainCell(code: CellFaultCode, column: Column): string {
  const name = column.header ?? column.name;
  switch (code) {
    case "value_missing":
      return `${name} is empty, but must have a value in every record.`;
    case "key_empty":
      return `${name} is empty, but is part of the key that names a record; give it a value.`;
    case "not_an_integer":
      return `${name} must be a whole number: digits only, with an optional sign, no spaces or separators.`;
    case "not_a_decimal":
      return `${name} must be a number such as 1234${column.decimalSeparator}56, without spaces, thousands separators or exponent.`;
    case "not_a_boolean":
      return `${name} must be one of ${listValues(column.trueValues)} (true) or ${listValues(column.falseValues)} (false).`;
    case "not_a_date":
      return `${name} must be a date that exists, written as ${column.format ?? "yyyy-MM-dd"}.`;
    case "not_a_timestamp":
      return `${name} must be a date and time that exist, written as ${column.format ?? "yyyy-MM-ddTHH:mm:ss, with an optional offset"}.`;
    case "not_an_email":
      return `${name} must be one e-mail address such as name@example.com.`;
    case "not_a_url":
      return `${name} must be a web address that begins with http:// or https://.`;
    case "not_in_values":
      return `${name} must be one of ${listValues(column.values ?? [])}, spelled exactly so.`;
    case "pattern_mismatch":
      return `${name} does not have the agreed form (pattern ${column.pattern}).`;
    case "too_short":
      return `${name} must have at least ${column.minLength} characters.`;
    case "too_long":
      return `${name} must have at most ${column.maxLength} characters.`;
    case "too_small":
      return `${name} must be ${column.min} or more.`;
    case "too_large":
      return `${name} must be ${column.max} or less.`;
    case "number_out_of_range":
      return column.type === "integer"
        ? `${name} must be between -9223372036854775808 and 9223372036854775807.`
        : `${name} has more digits than can be stored.`;
    case "too_many_digits":
      return `${name} must have at most ${column.precision! - (column.scale ?? 0)} digits before the decimal separator.`;
    case "too_many_decimals":
      return `${name} must have at most ${column.scale ?? 0} digits after the decimal separator.`;
    case "byte_undefined":
      return `${name} holds a byte that stands for no character in Windows-1252; save the file as UTF-8.`;
  }
}

/** One sentence for a client about a record's structure. */
export function explainFault(code: FaultCode, quote: string, limits: ScanLimits): string {
  switch (code) {
    case "quote_unclosed":
      return `A quote (${quote}) opens here and is not closed properly within ${limits.linesInField} lines and ${limits.fieldBytes} bytes; close it, or double it if it is part of the value.`;
    case "quote_stray":
      return `A quote (${quote}) stands inside a value that does not begin with one; put the whole value in quotes and double the ones inside.`;
    case "text_after_quote":
      return `Text follows the closing quote (${quote}); double the quotes that are part of the value.`;
    case "spaces_round_quotes":
      return `Spaces stand between a quote (${quote}) and the end of its cell; remove them, or put them inside the quotes.`;
    case "record_too_long":
      return `The record is longer than ${limits.recordBytes} bytes; check for a missing line end.`;
    case "field_too_long":
      return `The value is longer than ${limits.fieldBytes} bytes.`;
    case "columns_too_many":
      return `The record has more than ${limits.columns} columns.`;
    case "nul_byte":
      return "The value holds a NUL byte, which no text may have; remove it, or save the file as UTF-8 text.";
  }
}

/** One sentence about a record that has not as many cells as the header. */
export function explainWidth(cells: number, expected: number, isTolerant: boolean): string {
  const count = (n: number) => `${n} ${n === 1 ? "cell" : "cells"}`;
  const found = `The record has ${count(cells)}, the header ${expected}`;
  if (cells < expected) {
    return isTolerant
      ? `${found}; the missing ones were read as empty.`
      : `${found}; add the missing ones, or look for a missing delimiter.`;
  }
  return isTolerant
    ? `${found}; what is too much was left out. Put values that hold the delimiter in quotes.`
    : `${found}; put values that hold the delimiter in quotes, or remove what is too much.`;
}

/** A value as it is shown: at most 100 characters, and the sign for NUL instead of NUL, which PostgreSQL cannot store. */
export function cutValue(text: string): string {
  const cut = text.length <= 100 ? text : Array.from(text.slice(0, 202)).slice(0, 100).join("");
  return cut.replaceAll("\0", "\u2400");
}

function listValues(values: readonly string[]): string {
  const shown = values.slice(0, 12).join(", ");
  return values.length > 12 ? `${shown} or ${values.length - 12} more` : shown;
}
