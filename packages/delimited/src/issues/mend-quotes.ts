import type { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8, FORM_WINDOWS_1252, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";
import type { Fault } from "../scan/record-block.ts";

/** Longer records get no suggestion. */
const MOST_BYTES = 2000;
/** Ways to read a record that are tried before it counts as undecidable. */
const MOST_STEPS = 2000;
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

/** Every way to read the text in `width` cells, at most two of them; undefined where there are too many to try. */
function readingsOf(
  text: string,
  { quote, delimiter, width }: { quote: string; delimiter: string; width: number },
): MendedCell[][] | undefined {
  const found: MendedCell[][] = [];
  let steps = 0;
  const read = (from: number, cells: MendedCell[]): void => {
    steps += 1;
    if (found.length > ONE || steps > MOST_STEPS || cells.length >= width) return;
    for (const { cell, end } of cellsAt(text, from, quote, delimiter)) {
      const read_ = [...cells, cell];
      if (end === text.length && read_.length === width) found.push(read_);
      else if (end < text.length) read(end + 1, read_);
    }
  };
  read(0, []);
  return steps > MOST_STEPS ? undefined : found;
}

/** The cells that may begin at a place, each with where its delimiter stands. */
function* cellsAt(
  text: string,
  from: number,
  quote: string,
  delimiter: string,
): Generator<{ cell: MendedCell; end: number }> {
  if (text[from] !== quote) {
    const at = text.indexOf(delimiter, from);
    const end = at === -1 ? text.length : at;
    const content = text.slice(from, end);
    yield { cell: { content, isQuoted: content.includes(quote) }, end };
    return;
  }
  for (let close = text.indexOf(quote, from + 1); close !== -1; close = text.indexOf(quote, close + 1)) {
    const end = close + 1;
    if (end < text.length && text[end] !== delimiter) continue;
    const content = singleQuotes(text.slice(from + 1, close), quote);
    if (content !== undefined) yield { cell: { content, isQuoted: true }, end };
  }
}

/** A content with its quotes single: all of them stand alone, or all are doubled already; a mixture could mean anything. */
function singleQuotes(content: string, quote: string): string | undefined {
  const runs = content.match(new RegExp(`${quote}+`, "g")) ?? [];
  if (runs.every((run) => run.length === 1)) return content;
  return runs.every((run) => run.length % 2 === 0) ? content.replaceAll(quote + quote, quote) : undefined;
}

function passes(plan: ColumnPlan, { content }: MendedCell, encoding: ScanPlan["dialect"]["encoding"]): boolean {
  const bytes = Buffer.from(content, "latin1");
  const form = (encoding === "utf-8" ? FORM_UTF8 : FORM_WINDOWS_1252) | FORM_ESCAPES;
  const out = Buffer.allocUnsafe(mostCanonicalBytes(bytes.length));
  return writeCell(plan, bytes, 0, bytes.length, form, out, 0) >= 0;
}
