import type { Marks, ScanLimits } from "./dialect.ts";
import { encodeText } from "./encoding.ts";
import type { Fault, FaultCode } from "./record-block.ts";
import { emptyScan, type Scanned, type ScannedTrailer } from "./scan-all.test-kit.ts";

/** A cell as the reference reads it: its bytes from `start` to `end`, what they mean, and where it is over. */
interface Cell {
  start: number;
  end: number;
  content: string;
  next: number;
  faults: { code: FaultCode; at: number }[];
}

/** Escapes of dumps that stand for another character. */
const DUMP_LETTERS: Record<string, string> = { b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r" };
const FORGIVABLE = ["quote_unclosed", "quote_stray", "text_after_quote", "spaces_round_quotes"];

/**
 * What the scanner is to find, in the plainest way: it has the whole file as a string with a character per byte, reads it
 * one character after the other, looks ahead as far as it likes, and counts lines from the start each time.
 */
export function referenceScan(bytes: Buffer, marks: Marks, limits: ScanLimits): Scanned {
  const { delimiter, quote, comment = null, trailer = null } = marks;
  const isTolerant = marks.reading === "tolerant";
  const trims = marks.trimSpaces ?? false;
  const hasBackslashes = marks.escape === "backslash";
  const text = bytes.toString("latin1");
  const scanned = emptyScan();
  const trailers = [trailer, quote === null ? null : quote + trailer]
    .filter((start) => start !== null && trailer !== null)
    .flatMap((start) => [encodeText(start!, "utf-8"), encodeText(start!, "windows-1252")])
    .filter((start) => start !== undefined)
    .map((start) => start.toString("latin1"));

  const lineAt = (at: number) => 1 + (text.slice(0, at).match(/\r\n|\r|\n/g)?.length ?? 0);
  const isLineEnd = (at: number) => at >= text.length || text[at] === "\n" || text[at] === "\r";
  const isBreak = (at: number) => isLineEnd(at) || text[at] === delimiter;
  const isSpace = (at: number) => (text[at] === " " || text[at] === "\t") && text[at] !== delimiter;
  const pastSpaces = (at: number): number => (isSpace(at) ? pastSpaces(at + 1) : at);
  const lineEndFrom = (at: number): number => {
    let i = at;
    while (!isLineEnd(i)) i += 1;
    return i;
  };
  const pastLineEnd = (at: number) => (text.startsWith("\r\n", at) ? at + 2 : Math.min(at + 1, text.length));

  function readPlain(start: number, from: number, atQuote: FaultCode | null): Cell {
    const faults: Cell["faults"] = [];
    let i = from;
    let escapedTo = start;
    while (!isBreak(i)) {
      if (text[i] === "\\" && quote === null && hasBackslashes) {
        i += 1;
        if (i < text.length && text[i] !== "\0") i += text.startsWith("\r\n", i) ? 2 : 1;
        escapedTo = i;
        continue;
      }
      if (text[i] === "\0") faults.push({ code: "nul_byte", at: i });
      if (text[i] === quote && atQuote !== null) faults.push({ code: atQuote, at: i });
      i += 1;
    }
    let end = i;
    if (trims) while (end > escapedTo && isSpace(end - 1)) end -= 1;
    const raw = text.slice(start, end);
    const isDump = quote === null && hasBackslashes;
    const content = !isDump
      ? raw
      : raw.replace(/\\(.)/gs, (both, c: string) => (/[A-Za-z0-9\0]/.test(c) ? (DUMP_LETTERS[c] ?? both) : c));
    return { start, end, content, next: i, faults };
  }

  /** The closing quote of the one at `open`, or undefined when none can belong to it. */
  function closing(open: number, recordLimit: number): { at: number; content: string; nulAt: number } | undefined {
    const limit = Math.min(open + 1 + limits.fieldBytes, recordLimit);
    let content = "";
    let lines = 0;
    let nulAt = -1;
    let i = open + 1;
    while (i < text.length && i <= limit) {
      const two = text.slice(i, i + 2);
      if (hasBackslashes ? two === `\\${quote}` || two === "\\\\" : two === `${quote}${quote}`) {
        content += two[1];
        i += 2;
      } else if (text[i] === quote) {
        const after = pastSpaces(i + 1);
        return lines > 0 && after <= recordLimit && !isBreak(after) ? undefined : { at: i, content, nulAt };
      } else if (isLineEnd(i)) {
        lines += 1;
        if (lines > limits.linesInField) return undefined;
        content += text.slice(i, pastLineEnd(i));
        i = pastLineEnd(i);
      } else {
        if (text[i] === "\0" && nulAt === -1) nulAt = i;
        content += text[i];
        i += 1;
      }
    }
    return undefined;
  }

  /** The quoted cell that opens at `open`; undefined: it is none. */
  function readQuoted(start: number, open: number, recordLimit: number): Cell | undefined {
    const isSpaced = open > start && !trims;
    const close = closing(open, recordLimit);
    if (close === undefined) {
      if (isSpaced) return undefined;
      const fault = { code: "quote_unclosed", at: open } as const;
      const next = lineEndFrom(open);
      if (!isTolerant) return { start: open, end: next, content: text.slice(open, next), next, faults: [fault] };
      const cell = readPlain(open, open + 1, null);
      return { ...cell, faults: [fault, ...cell.faults] };
    }
    const faults: Cell["faults"] = close.nulAt === -1 ? [] : [{ code: "nul_byte", at: close.nulAt }];
    const after = close.at + 1;
    const next = pastSpaces(after);
    if (isBreak(next)) {
      if (isSpaced) faults.push({ code: "spaces_round_quotes", at: start });
      else if (next > after && !trims) faults.push({ code: "spaces_round_quotes", at: after });
      return { start: open + 1, end: close.at, content: close.content, next, faults };
    }
    if (isSpaced) return undefined;
    const rest = readPlain(open, after, null);
    faults.push({ code: "text_after_quote", at: after }, ...rest.faults);
    if (!isTolerant) return { ...rest, faults };
    return { ...rest, start: open + 1, content: close.content + text.slice(after, rest.end), faults };
  }

  function readCell(start: number, recordLimit: number): Cell {
    const open = quote !== null || trims ? pastSpaces(start) : start;
    const quoted = quote !== null && text[open] === quote ? readQuoted(start, open, recordLimit) : undefined;
    return quoted ?? readPlain(trims ? open : start, open, "quote_stray");
  }

  function countLineEnd(at: number): void {
    if (text.startsWith("\r\n", at)) scanned.lineEnds.crlf += 1;
    else if (text[at] === "\r") scanned.lineEnds.cr += 1;
    else if (text[at] === "\n") scanned.lineEnds.lf += 1;
  }

  /** Reads the record at `start`; returns where the next line begins. */
  function readRecord(start: number, isTrailer: boolean): number {
    const recordLimit = start + limits.recordBytes;
    const record = scanned.records.length;
    const line = lineAt(start);
    const cells: string[] = [];
    let faults: Fault[] = [];
    const note = (code: FaultCode, at: number, field: number) => {
      if (field >= limits.columns && code !== "columns_too_many") return;
      if (faults.some((fault) => fault.code === code && fault.field === field)) return;
      faults.push({ record, code, at, field, forgiven: isTolerant && FORGIVABLE.includes(code) });
    };
    let at = start;
    for (let column = 0; ; column += 1) {
      const cell = readCell(at, recordLimit);
      const field = Math.min(column, limits.columns);
      for (const fault of cell.faults) note(fault.code, fault.at, field);
      if (cell.end - cell.start > limits.fieldBytes) note("field_too_long", cell.start, field);
      if (column < limits.columns) cells.push(Buffer.from(cell.content, "latin1").toString());
      else note("columns_too_many", cell.start, field);
      at = cell.next;
      if (at > recordLimit || text[at] !== delimiter) break;
      at += 1;
    }
    let end = at;
    let next = pastLineEnd(at);
    const isTooLong = at > recordLimit;
    if (isTooLong) {
      faults = [];
      cells.length = 0;
      note("record_too_long", start, -1);
      end = recordLimit;
      at = lineEndFrom(recordLimit);
      next = pastLineEnd(at);
    }
    countLineEnd(at);
    if (isTrailer && !isTooLong) {
      const own = faults.map((fault) => ({ ...fault, record: -1 }));
      const found: ScannedTrailer = { cells, start, end, line, recordsBefore: record, faults: own };
      scanned.trailerLines += 1;
      scanned.firstTrailer ??= found;
      scanned.lastTrailer = found;
    } else if (cells.length === 1 && faults.length === 0 && /^[ \t]*$/.test(text.slice(start, end))) {
      scanned.blankLines += 1;
      scanned.firstBlankLine ??= line;
    } else {
      scanned.records.push(cells);
      scanned.starts.push(start);
      scanned.ends.push(end);
      scanned.lines.push(line);
      scanned.levels.push(faults.length === 0 ? 0 : faults.every(({ forgiven }) => forgiven) ? 2 : 1);
      scanned.faults.push(...faults);
    }
    return next;
  }

  let at = 0;
  while (at < text.length) {
    const isTrailer = trailers.some((start) => text.startsWith(start, at));
    if (isTrailer || comment === null || text[at] !== comment) {
      at = readRecord(at, isTrailer);
      continue;
    }
    scanned.commentLines += 1;
    scanned.firstCommentLine ??= lineAt(at);
    const end = lineEndFrom(at);
    countLineEnd(end);
    at = pastLineEnd(end);
  }
  return scanned;
}
