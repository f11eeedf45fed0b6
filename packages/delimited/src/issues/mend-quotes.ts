import type { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8, FORM_WINDOWS_1252, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";
import type { Fault } from "../scan/record-block.ts";

/** Longer records get no suggestion. */
const MOST_BYTES = 2000;
/** Ways to read a cell that are tried before a record counts as undecidable, besides two for every column. */
const MOST_STEPS = 50;
/** Delimiters that may be part of quoted cells. */
const MOST_SPARE = 8;
/** A record that is not mended in this many ways alone has no certain fix. */
const ONE = 1;

/** Whether a fault is one that doubled quotes may mend. */
export function isQuoteFault({ code, forgiven }: Fault): boolean {
  return !forgiven && (code === "quote_stray" || code === "text_after_quote");
}

/**
 * The text of a record whose quotes were not doubled, with them doubled: where there is exactly one way to do so that gives
 * as many cells as the header has, and every one of them passes its column's check. Else null.
 */
export function mendQuotes(record: Buffer, scan: ScanPlan, plans: readonly ColumnPlan[]): string | null {
  const { quote, delimiter, encoding } = scan.dialect;
  if (quote === null || scan.dialect.escape !== "doubled" || record.length > MOST_BYTES) return null;
  // One character per byte; what is beyond ASCII is none of the marks in either encoding.
  const text = record.toString("latin1");
  const readings = readingsOf(text, { quote, delimiter, width: scan.header.labels.length });
  if (readings?.length !== ONE) return null;
  const cells = readings[0]!;
  const isGood = plans.every((plan) => plan.field < 0 || passes(plan, cells[plan.field]!, encoding));
  if (!isGood) return null;
  const mended = cells.map(({ content, isQuoted }) =>
    isQuoted ? `${quote}${content.replaceAll(quote, quote + quote)}${quote}` : content,
  );
  const bytes = Buffer.from(mended.join(delimiter), "latin1");
  return decodeText(bytes, 0, bytes.length, encoding);
}

/** A cell of a mended record; its content one character per byte, its quotes single. */
interface MendedCell {
  content: string;
  isQuoted: boolean;
}

/**
 * Every way to read the text in `width` cells, at most two of them; undefined where there are too many to try. A cell that
 * would leave too few delimiters for the others is not tried, so an ordinary record is read once.
 */
function readingsOf(
  text: string,
  { quote, delimiter, width }: { quote: string; delimiter: string; width: number },
): MendedCell[][] | undefined {
  const spare = text.split(delimiter).length - width;
  if (spare < 0 || spare > MOST_SPARE) return undefined;
  const found: MendedCell[][] = [];
  const mostSteps = MOST_STEPS + 2 * width;
  let steps = 0;
  /** @param left delimiters that may still be part of a cell. */
  const read = (from: number, cells: readonly MendedCell[], left: number): void => {
    if (cells.length === width) return;
    for (const { content, isQuoted, end, inside } of cellsAt(text, from, { quote, delimiter, most: left })) {
      steps += 1;
      if (steps > mostSteps || found.length > ONE) return;
      const more = [...cells, { content, isQuoted }];
      if (end < text.length) read(end + 1, more, left - inside);
      else if (more.length === width) found.push(more);
    }
  };
  read(0, [], spare);
  return steps > mostSteps ? undefined : found;
}

/** The cells that may begin at a place, each with where it ends, and how many delimiters are inside it: `most` at most. */
function* cellsAt(
  text: string,
  from: number,
  { quote, delimiter, most }: { quote: string; delimiter: string; most: number },
): Generator<MendedCell & { end: number; inside: number }> {
  if (text[from] !== quote) {
    const at = text.indexOf(delimiter, from);
    const end = at === -1 ? text.length : at;
    const content = text.slice(from, end);
    yield { content, isQuoted: content.includes(quote), end, inside: 0 };
    return;
  }
  let inside = 0;
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === delimiter) {
      inside += 1;
      if (inside > most) return;
    } else if (text[at] === quote && (at + 1 === text.length || text[at + 1] === delimiter)) {
      const content = singleQuotes(text.slice(from + 1, at), quote);
      if (content !== undefined) yield { content, isQuoted: true, end: at + 1, inside };
    }
  }
}

/** A content with its quotes single: all of them stand alone, or all are doubled already; a mixture could mean anything. */
function singleQuotes(content: string, quote: string): string | undefined {
  if (!content.includes(quote + quote)) return content;
  const runs = content.match(new RegExp(`${quote}+`, "g")) ?? [];
  return runs.every((run) => run.length % 2 === 0) ? content.replaceAll(quote + quote, quote) : undefined;
}

function passes(plan: ColumnPlan, { content }: MendedCell, encoding: ScanPlan["dialect"]["encoding"]): boolean {
  const bytes = Buffer.from(content, "latin1");
  const form = (encoding === "utf-8" ? FORM_UTF8 : FORM_WINDOWS_1252) | FORM_ESCAPES;
  const out = Buffer.allocUnsafe(mostCanonicalBytes(bytes.length));
  return writeCell(plan, bytes, 0, bytes.length, form, out, 0) >= 0;
}
