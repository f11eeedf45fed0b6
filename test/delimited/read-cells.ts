import { type Table, tableSchema } from "@inlet/contracts";
import { check, parseCells } from "@inlet/delimited";
import { choppedSource } from "./chopped-source.ts";
import type { WrittenDialect } from "./dialect-writer.ts";

/** What the engine reads out of a file: the cells of all records, and what it says of them. */
export interface ReadCells {
  rows: string[][];
  /** Errors and warnings, `code:record`. */
  errors: string[];
  warnings: string[];
}

/**
 * Reads text without a header through the check, as rows of text. A header of as many columns as the first row has is put
 * before it, so that its records are the rows; those of another width come back from the error file's side.
 */
export async function readCells(
  text: string,
  {
    delimiter,
    quote,
    escape: way = "doubled",
    width,
    reading = "strict",
  }: Pick<WrittenDialect, "delimiter" | "quote"> & {
    escape?: WrittenDialect["escape"];
    width: number;
    reading?: "strict" | "tolerant";
  },
  cuts: readonly number[] = [],
): Promise<ReadCells> {
  const labels = Array.from({ length: width }, (_, i) => `c${i + 1}`);
  const table: Table = tableSchema.parse({
    name: "rows",
    columns: labels.map((name) => ({ name })),
    invalid: { policy: "skip" },
    format: { delimiter, quote: quote ?? "none", escape: way, encoding: "utf-8", reading, preambleLines: 0 },
  });
  const rows = new Map<number, string[]>();
  const canonical: Buffer[] = [];
  const read: ReadCells = { rows: [], errors: [], warnings: [] };
  await check(choppedSource(Buffer.from(`${labels.join(delimiter)}\n${text}`), cuts), {
    table,
    onIssue: ({ code, record, severity }) =>
      read[severity === "error" ? "errors" : "warnings"].push(`${code}:${record}`),
    sinks: {
      canonical: (chunk) => void canonical.push(Buffer.from(chunk)),
      failed: { begin: () => {}, add: ({ record, cells }) => void rows.set(record, cells), flush: async () => {} },
    },
  });
  for (const line of Buffer.concat(canonical).toString().split("\n").slice(0, -1)) {
    const bytes = Buffer.from(line);
    const tab = bytes.indexOf(9);
    rows.set(
      Number(bytes.toString("latin1", 0, tab)),
      parseCells(bytes, tab + 1, bytes.length).map((cell) => cell ?? ""),
    );
  }
  read.rows = [...rows].sort(([a], [b]) => a - b).map(([, cells]) => cells);
  return read;
}
