import { createReadStream } from "node:fs";
import { parse as csvParse } from "csv-parse";
import { parseStream } from "fast-csv";
import papaparse from "papaparse";
import { PlainCheck } from "./plain-check.ts";
import { type Outcome, READ_BYTES, type Turn } from "./turn.ts";

function readStream({ path, isLatin = false }: Turn) {
  return createReadStream(path, { highWaterMark: READ_BYTES, encoding: isLatin ? "latin1" : "utf8" });
}

export async function throughCsvParse(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  const parser = readStream(turn).pipe(csvParse({ relax_column_count: true }));
  await new Promise<void>((resolve, reject) => {
    parser.on("readable", () => {
      for (let row = parser.read(); row !== null; row = parser.read()) plain.row(row);
    });
    parser.on("error", reject).on("end", resolve);
  });
  return plain;
}

export async function throughPapaparse(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  await new Promise<void>((resolve, reject) => {
    papaparse.parse<string[]>(readStream(turn), {
      delimiter: ",",
      skipEmptyLines: true,
      chunk: ({ data }) => {
        for (const row of data) plain.row(row);
      },
      complete: () => resolve(),
      error: reject,
    });
  });
  return plain;
}

export async function throughFastCsv(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  await new Promise<void>((resolve, reject) => {
    parseStream<string[], string[]>(readStream(turn), { headers: false })
      .on("data", (row: string[]) => plain.row(row))
      .on("error", reject)
      .on("end", () => resolve());
  });
  return plain;
}
