import { decodeText } from "../scan/encoding.ts";
import {
  FAULT_BOOLEAN,
  FAULT_EMAIL,
  FAULT_ENUM,
  FAULT_KEY_EMPTY,
  FAULT_PATTERN,
  FAULT_REQUIRED,
  FAULT_TOO_LONG,
  FAULT_TOO_SHORT,
  FAULT_UNDEFINED_BYTE,
  FAULT_URL,
} from "./cell-fault.ts";
import {
  type ColumnPlan,
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DECIMAL,
  KIND_EMAIL,
  KIND_INTEGER,
  KIND_STRING,
  KIND_TIMESTAMP,
  KIND_URL,
} from "./column-plan.ts";
import { copyPlain, copyText, copyWindows1252 } from "./copy-text.ts";
import { writeDate, writeTimestamp } from "./date-cells.ts";
import { writeDecimal, writeInteger } from "./number-cells.ts";
import { countCharacters, isEmail, isUrl } from "./text-cells.ts";

/**
 * How the bytes of a block are to be read: what is pure ASCII needs no decoding in either encoding. FORM_ESCAPES is added
 * where the block may hold something that COPY's text format escapes (a backslash, a tab or line end inside a cell).
 */
export const FORM_ASCII = 0;
export const FORM_UTF8 = 1;
export const FORM_WINDOWS_1252 = 2;
export const FORM_ESCAPES = 4;

/** Bytes that a cell of `length` source bytes may need in the canonical file, at most. */
export function mostCanonicalBytes(length: number): number {
  return length * 3 + 40;
}

/**
 * Checks one cell and writes it in COPY text form.
 * @param bytes the cell's content lies from `from` to `to`, quotes and doubled quotes removed.
 * @returns the position in `out` after it, or a negative FAULT_ number (what was written so far is then void).
 */
export function writeCell(
  plan: ColumnPlan,
  bytes: Buffer,
  from: number,
  to: number,
  form: number,
  out: Buffer,
  position: number,
): number {
  if (from === to) return writeNull(plan, out, position);
  let at: number;
  switch (plan.kind) {
    case KIND_STRING:
      at = writeText(bytes, from, to, form, out, position);
      if (plan.column.required && isSpaces(bytes, from, to)) return FAULT_REQUIRED;
      break;
    case KIND_INTEGER:
      at = writeInteger(plan, bytes, from, to, out, position);
      break;
    case KIND_DECIMAL:
      at = writeDecimal(plan, bytes, from, to, out, position);
      break;
    case KIND_DATE:
      at = writeDate(plan, bytes, from, to, out, position);
      break;
    case KIND_TIMESTAMP:
      at = writeTimestamp(plan, bytes, from, to, out, position);
      break;
    case KIND_BOOLEAN:
      at = writeBoolean(plan, bytes, from, to, form, out, position);
      break;
    case KIND_EMAIL:
      at = isEmail(bytes, from, to) ? writeText(bytes, from, to, form, out, position) : FAULT_EMAIL;
      break;
    case KIND_URL:
      at = isUrl(bytes, from, to) ? writeText(bytes, from, to, form, out, position) : FAULT_URL;
      break;
    default:
      at = writeText(bytes, from, to, form, out, position);
      if (at >= 0 && plan.values.find(out, position, at) < 0) return FAULT_ENUM;
  }
  return at < 0 || !plan.hasMore ? at : checkText(plan, bytes, from, to, form, at);
}

/** Length and pattern, which any type may have. */
function checkText(plan: ColumnPlan, bytes: Buffer, from: number, to: number, form: number, at: number): number {
  if (plan.hasLength) {
    const characters = countCharacters(bytes, from, to, (form & FORM_UTF8) !== 0);
    if (characters < plan.minLength) return FAULT_TOO_SHORT;
    if (characters > plan.maxLength) return FAULT_TOO_LONG;
  }
  if (plan.pattern !== undefined) {
    const text = decodeText(bytes, from, to, (form & FORM_WINDOWS_1252) !== 0 ? "windows-1252" : "utf-8");
    if (!plan.pattern(text)) return FAULT_PATTERN;
  }
  return at;
}

/** An empty cell is NULL, quoted or not. */
function writeNull(plan: ColumnPlan, out: Buffer, position: number): number {
  if (plan.inKey) return FAULT_KEY_EMPTY;
  if (plan.column.required) return FAULT_REQUIRED;
  out[position] = 0x5c;
  out[position + 1] = 0x4e;
  return position + 2;
}

function writeText(bytes: Buffer, from: number, to: number, form: number, out: Buffer, position: number): number {
  if (form <= FORM_UTF8) return copyPlain(bytes, from, to, out, position);
  if ((form & FORM_WINDOWS_1252) === 0) return copyText(bytes, from, to, out, position);
  const at = copyWindows1252(bytes, from, to, out, position);
  return at < 0 ? FAULT_UNDEFINED_BYTE : at;
}

/** `t` or `f`. Values beyond ASCII are compared in their lower case as well. */
function writeBoolean(
  plan: ColumnPlan,
  bytes: Buffer,
  from: number,
  to: number,
  form: number,
  out: Buffer,
  position: number,
): number {
  let length = to - from;
  if (length > 100) return FAULT_BOOLEAN;
  let ascii = true;
  for (let i = 0; i < length; i += 1) {
    const c = bytes[from + i]!;
    if (c >= 0x80) ascii = false;
    out[position + i] = c >= 65 && c <= 90 ? c | 32 : c;
  }
  if (!ascii) {
    const text = decodeText(bytes, from, to, (form & FORM_WINDOWS_1252) !== 0 ? "windows-1252" : "utf-8");
    length = out.write(text.toLowerCase(), position);
  }
  const found = plan.truthValues.find(out, position, position + length);
  if (found < 0) return FAULT_BOOLEAN;
  out[position] = found < plan.trueCount ? 0x74 : 0x66;
  return position + 1;
}

function isSpaces(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  }
  return true;
}
