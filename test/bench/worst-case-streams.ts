import type { ByteSource } from "@inlet/delimited";

/** A stream of bytes that repeats: what it begins with, what comes again and again, and what it ends with. */
interface Pattern {
  head: string;
  body: string;
  tail?: string;
  /** Of the size asked for: where a gigabyte would be many more than the million findings that are asked about. */
  share?: number;
}

const HEADER = "id,name,amount,note\n";
const ROW = "1001,Ada Lovelace,12.50,prefers e-mail\n";
const CHUNK_BYTES = 512 * 1024;
const MANY_COLUMNS = 1_000_000;

/** Files that hurt a reader, each with the work that it could make. The first one is sound, to compare with. */
export const WORST_CASES: Record<string, Pattern> = {
  clean: { head: HEADER, body: ROW },
  // A reader that looks for the closing quote to the end reads, and keeps, all of it.
  "unterminated quote at the start": { head: `${HEADER}1,"Ada,1,\n`, body: ROW },
  // The same at the file's very first byte.
  "unterminated quote in the header": { head: `"${HEADER}`, body: ROW },
  // Each of them looks for its end anew.
  "an unterminated quote in every record": {
    head: HEADER,
    body: '1001,"Ada Lovelace,12.50,prefers e-mail\n',
    share: 0.04,
  },
  // Looks closed and is opened again, in every line.
  "quotes that close on the next line": { head: HEADER, body: '1001,Ada "Lovelace",12.50,"prefers\n', share: 0.04 },
  // As many doubled quotes as bytes.
  "nothing but quotes": { head: `${HEADER}1,`, body: '""""""""' },
  "one field, unquoted": { head: `${HEADER}1,`, body: "some text ", tail: ",1,\n" },
  "one field, quoted": { head: `${HEADER}1,"`, body: "some text ", tail: '",1,\n' },
  "one field, quoted, of lines": { head: `${HEADER}1,"`, body: "some text\n", share: 0.01, tail: '",1,\n' },
  "one record of empty cells": { head: HEADER, body: ",,,,,,,," },
  "a header of a million columns": {
    head: `${Array.from({ length: MANY_COLUMNS }, (_, i) => `c${i}`).join(",")}\n`,
    body: ROW,
  },
  "records of a million columns": { head: HEADER, body: `${"1,".repeat(MANY_COLUMNS)}1\n` },
  // A finding in every record, its message and its fix.
  "an issue in every record": { head: HEADER, body: "1001,Ada Lovelace,12.5x,prefers e-mail\n", share: 0.04 },
  "four issues in every record": { head: HEADER, body: "x,,12.5.1,\0\n", share: 0.01 },
  "a record of one byte": { head: HEADER, body: "a\n", share: 0.002 },
  "blank lines": { head: HEADER, body: "\n" },
  "nothing but carriage returns": { head: HEADER, body: "\r" },
  // The whole file is judged twice, because of its last line.
  "bytes that are no UTF-8 at the very end": {
    head: HEADER,
    body: "1001,Ad\u00e9 Lovelace,12.50,prefers e-mail\n",
    tail: "1,\ufffe,1,\n",
  },
  NUL: { head: HEADER, body: "\0" },
};

/** A source of so many bytes, or its share of them, that are made as they are read. */
export function patternSource(
  { head, body, tail = "", share = 1 }: Pattern,
  mostBytes: number,
): ByteSource & { sizeBytes: number } {
  const sizeBytes = mostBytes * share;
  const start = Buffer.from(head);
  const one = Buffer.from(body);
  // U+FFFE stands for a byte that no UTF-8 has.
  const end = Buffer.from(Buffer.from(tail).toString("latin1").replace("\u00ef\u00bf\u00be", "\u00ff"), "latin1");
  const repeats = Math.max(1, Math.ceil((sizeBytes - start.length - end.length) / one.length));
  const bodyBytes = repeats * one.length;
  // A whole number of repeats, so that any part of the body is a part of it.
  const chunk = Buffer.alloc(Math.max(one.length, Math.floor(CHUNK_BYTES / one.length) * one.length), one);
  return {
    sizeBytes: start.length + bodyBytes + end.length,
    async *open(offset = 0) {
      if (offset < start.length) yield start.subarray(offset);
      let at = Math.max(0, offset - start.length);
      while (at < bodyBytes) {
        const within = at % one.length;
        const part = chunk.subarray(within, within + Math.min(chunk.length - within, bodyBytes - at));
        yield part;
        at += part.length;
      }
      const rest = Math.max(0, offset - start.length - bodyBytes);
      if (rest < end.length) yield end.subarray(rest);
    },
  };
}
