import type { Buffer } from "node:buffer";

const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * The cells of a line that we wrote ourselves: see {@link ItemPage}.
 * @param from @param to without its line end
 */
export function csvCells(rows: Buffer, from: number, to: number): string[] {
  const cells: string[] = [];
  let at = from;
  while (true) {
    const isQuoted = rows[at] === QUOTE;
    let end = isQuoted ? at + 1 : at;
    if (isQuoted) {
      while (rows[end] !== QUOTE || rows[end + 1] === QUOTE) end += rows[end] === QUOTE ? 2 : 1;
      cells.push(rows.toString("utf8", at + 1, end).replaceAll('""', '"'));
      end += 1;
    } else {
      while (end < to && rows[end] !== COMMA) end += 1;
      cells.push(rows.toString("utf8", at, end));
    }
    if (end >= to) return cells;
    at = end + 1;
  }
}
