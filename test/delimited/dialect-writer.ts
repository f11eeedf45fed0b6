import type { Random } from "./random.ts";

/** How a generated file is written. */
export interface WrittenDialect {
  delimiter: string;
  quote: '"' | "'" | null;
  escape: "doubled" | "backslash";
  lineEnd: "\n" | "\r\n" | "\r";
  encoding: "utf-8" | "windows-1252";
  bom: boolean;
  quoteAll: boolean;
  /** The last line has an end, too. */
  endsWithEnd: boolean;
}

/** A dialect out of those that clients send. */
export function randomDialect(r: Random): WrittenDialect {
  const encoding = r.chance(80) ? "utf-8" : "windows-1252";
  return {
    delimiter: r.pick([",", ";", "|", "\t"]),
    quote: r.pick(['"', '"', '"', "'"] as const),
    escape: "doubled",
    lineEnd: r.pick(["\n", "\n", "\r\n", "\r\n", "\r"] as const),
    encoding,
    bom: encoding === "utf-8" && r.chance(15),
    quoteAll: r.chance(20),
    endsWithEnd: r.chance(80),
  };
}

/** A cell as it stands in the file. */
export function writeCell(text: string, { delimiter, quote, escape: way, quoteAll }: WrittenDialect): string {
  if (quote === null) return text;
  const needsQuotes =
    quoteAll ||
    text.includes(delimiter) ||
    text.includes(quote) ||
    /[\r\n]/.test(text) ||
    (way === "backslash" && text.includes("\\"));
  return needsQuotes ? quoteCell(text, quote, way) : text;
}

/** A cell in quotes. */
export function quoteCell(text: string, quote: string, way: WrittenDialect["escape"] = "doubled"): string {
  const inner =
    way === "doubled"
      ? text.replaceAll(quote, quote + quote)
      : text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`);
  return quote + inner + quote;
}

/** The line of a record, without its end. */
export function writeRecord(cells: readonly string[], dialect: WrittenDialect): string {
  return cells.map((cell) => writeCell(cell, dialect)).join(dialect.delimiter);
}

/** A file's bytes out of its lines. */
export function toBytes(lines: readonly string[], { lineEnd, endsWithEnd, encoding, bom }: WrittenDialect): Buffer {
  const text = lines.join(lineEnd) + (endsWithEnd ? lineEnd : "");
  const bytes = Buffer.from(text, encoding === "utf-8" ? "utf8" : "latin1");
  return bom ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
}
