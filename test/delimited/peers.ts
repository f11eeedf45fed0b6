import { parse as csvParse } from "csv-parse/sync";
import { parseString } from "fast-csv";
import papaparse from "papaparse";

/** How the peers are told to read. */
export interface PeerDialect {
  delimiter: string;
  quote: string;
  /** The character before a quote inside quotes; the quote itself where it is doubled. */
  escapeWith: string;
}

/** Rows, or the words with which a peer refused the text. */
export type PeerRows = string[][] | { refused: string };

/** Reads a text as the three libraries do, each with its defaults but for the dialect. */
export const PEERS: Record<
  "papaparse" | "csv-parse" | "fast-csv",
  (text: string, dialect: PeerDialect) => Promise<PeerRows>
> = {
  async papaparse(text, { delimiter, quote, escapeWith }) {
    const { data, errors } = papaparse.parse<string[]>(text, { delimiter, quoteChar: quote, escapeChar: escapeWith });
    const fault = errors.find(({ type }) => type === "Quotes");
    return fault === undefined ? data : { refused: fault.message };
  },
  async "csv-parse"(text, { delimiter, quote, escapeWith }) {
    try {
      return csvParse(text, { delimiter, quote, escape: escapeWith, relax_column_count: true });
    } catch (error) {
      return { refused: (error as Error).message };
    }
  },
  "fast-csv": (text, { delimiter, quote, escapeWith }) =>
    new Promise((resolve) => {
      const rows: string[][] = [];
      parseString<string[], string[]>(text, { headers: false, delimiter, quote, escape: escapeWith })
        .on("data", (row: string[]) => rows.push(row))
        .on("error", (error: Error) => resolve({ refused: error.message }))
        .on("end", () => resolve(rows));
    }),
};

/** Blank lines are no records to us; the peers disagree among themselves about them, so none of theirs count. */
export function withoutBlankRows(rows: PeerRows): PeerRows {
  return Array.isArray(rows) ? rows.filter((row) => row.length > 1 || (row[0] ?? "").trim() !== "") : rows;
}
