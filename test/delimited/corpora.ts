// `node infra/bootstrap/run.js test/delimited/corpora.ts FOLDER`: scores the engine on public test files, which are no part of
// this repository. FOLDER holds checkouts named `csv-spectrum` (github.com/maxogden/csv-spectrum) and `duckdb`
// (github.com/duckdb/duckdb: data/csv and test/sql/copy/csv are enough).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Issue, type Table, tableSchema } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";
import { readCells } from "./read-cells.ts";

/** DuckDB's types and ours. */
const TYPES: Record<string, string> = {
  INTEGER: "integer",
  BIGINT: "integer",
  DATE: "date",
  DECIMAL: "decimal",
  VARCHAR: "string",
};

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node infra/bootstrap/run.js test/delimited/corpora.ts FOLDER\n");
  process.exit(2);
}
if (existsSync(join(folder, "csv-spectrum"))) await scoreSpectrum(join(folder, "csv-spectrum"));
if (existsSync(join(folder, "duckdb"))) await scoreRejects(join(folder, "duckdb"));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** csv-spectrum: eleven files, each with the objects that it means. */
async function scoreSpectrum(root: string): Promise<void> {
  let right = 0;
  const names = readdirSync(join(root, "csvs")).map((name) => name.replace(/\.csv$/, ""));
  for (const name of names) {
    const text = readFileSync(join(root, "csvs", `${name}.csv`), "utf8");
    const expected = JSON.parse(readFileSync(join(root, "json", `${name}.json`), "utf8")) as Record<string, string>[];
    const labels = Object.keys(expected[0]!);
    const { rows, errors } = await readCells(text, { delimiter: ",", quote: '"', width: labels.length });
    const [header, ...records] = rows;
    const read = records.map((cells) => Object.fromEntries(cells.map((cell, i) => [header![i]!, cell])));
    if (errors.length === 0 && JSON.stringify(read) === JSON.stringify(expected)) right += 1;
    else say(`csv-spectrum ${name}: read ${JSON.stringify(read)}, errors ${errors.join(" ")}`);
  }
  say(`csv-spectrum: ${right} of ${names.length} files read as they are meant`);
}

/** One reading of a file in DuckDB's tests, and the errors that it expects in the table of rejects. */
interface RejectsCase {
  file: string;
  options: string;
  expected: { line: number; column: string | null; type: string }[];
}

/** DuckDB's own tests of `store_rejects`: the lines and columns that they expect. */
async function scoreRejects(root: string): Promise<void> {
  const tests = join(root, "test/sql/copy/csv/rejects");
  const cases = new Map<string, RejectsCase>();
  for (const name of readdirSync(tests)) {
    for (const found of casesOf(readFileSync(join(tests, name), "utf8"))) {
      if (existsSync(join(root, "data", found.file)))
        cases.set(`${found.file} ${JSON.stringify(found.expected)}`, found);
    }
  }
  const score = { files: 0, lines: 0, linesNamed: 0, columns: 0, columnsNamed: 0, others: 0 };
  for (const { file, options, expected } of cases.values()) {
    const errors: Issue[] = [];
    const bytes = readFileSync(join(root, "data", file));
    const table = tableOf(options, bytes.toString("latin1").split(/\r?\n/, 1)[0]!);
    await check(memorySource(bytes), {
      table,
      onIssue: (issue) => {
        if (issue.severity === "error") errors.push(issue);
      },
    });
    const lines = new Set(expected.map(({ line }) => line));
    const named = new Set(errors.map(({ line }) => line));
    const cells = expected.filter(({ column, type }) => column !== null && !/COLUMNS|LINE SIZE/.test(type));
    const missedLines = [...lines].filter((line) => !named.has(line));
    const others = [...named].filter((line) => line === null || !lines.has(line));
    const missedCells = cells.filter(
      (cell) => !errors.some(({ line, column }) => line === cell.line && column === cell.column),
    );
    score.files += 1;
    score.lines += lines.size;
    score.linesNamed += lines.size - missedLines.length;
    score.columns += cells.length;
    score.columnsNamed += cells.length - missedCells.length;
    score.others += others.length;
    if (missedLines.length + others.length + missedCells.length === 0) continue;
    const cell = missedCells.map(({ line, column, type }) => `${line}:${column} (${type})`);
    say(
      `${file}: lines not named ${missedLines.join(" ") || "–"}, others named ${others.slice(0, 10).join(" ") || "–"}, cells not named ${cell.join(", ") || "–"}`,
    );
  }
  say(
    `DuckDB's rejects: ${score.files} readings; ${score.linesNamed} of ${score.lines} faulty lines named, ${score.others} others; ${score.columnsNamed} of ${score.columns} faulty cells named by line and column`,
  );
}

/** The readings in a sqllogictest file that are followed by what they expect among the rejects. */
function casesOf(text: string): RejectsCase[] {
  const cases: RejectsCase[] = [];
  let reading: Omit<RejectsCase, "expected"> | undefined;
  for (const block of text.split(/\n\s*\n/)) {
    const read = /read_csv\(\s*'\{DATA_DIR\}\/([^'*]+)'\s*,([\s\S]*?)\)\s*;?\s*(?:\n----|$)/.exec(block);
    if (read !== null) reading = /store_rejects/.test(read[2]!) ? { file: read[1]!, options: read[2]! } : undefined;
    const rows = /SELECT \* EXCLUDE \(scan_id\)\s+FROM reject_errors[^\n]*\n----\n([\s\S]*)/i.exec(block);
    if (rows === null || reading === undefined) continue;
    const expected = rows[1]!
      .split("\n")
      .map((row) => row.split("\t"))
      .filter((cells) => cells.length >= 7)
      .map((cells) => ({ line: Number(cells[1]), column: cells[5] === "NULL" ? null : cells[5]!, type: cells[6]! }));
    cases.push({ ...reading, expected });
    reading = undefined;
  }
  return cases;
}

/** The table that a reading's options describe. DuckDB takes spaces round a value for nothing; so does this one. */
function tableOf(options: string, firstLine: string): Table {
  const labels = firstLine.split(",").map((label) => label.replaceAll('"', "").trim());
  const isGiven = /header\s*=\s*(\w+)/i.exec(options)?.[1];
  const dateFormat = /dateformat\s*=\s*'([^']+)'/.exec(options)?.[1];
  const columns = [...options.matchAll(/'(\w+)'\s*:\s*'(\w+)'/g)].map(([, name, type], index) => ({
    name: name!.toLowerCase(),
    header: labels[index] || name!,
    type: TYPES[type!.toUpperCase()] ?? "string",
    ...(type === "DATE" && dateFormat !== undefined && { format: "dd-MM-yyyy" }),
  }));
  // Where nothing is said, DuckDB takes a first line whose first cell has not the column's type for a header.
  const hasHeader =
    isGiven === undefined
      ? !/auto_detect\s*=\s*false/i.test(options) && !/^"?\d/.test(firstLine)
      : /^(1|true)$/i.test(isGiven);
  const table = tableSchema.parse({
    name: "rejects",
    columns,
    invalid: { policy: "skip" },
    format: {
      delimiter: ",",
      quote: '"',
      encoding: "utf-8",
      preambleLines: 0,
      trimSpaces: true,
      headerLines: hasHeader ? 1 : 0,
    },
  });
  const most = /max_line_size\s*=\s*(\d+)/.exec(options)?.[1];
  // Smaller than any that a profile may set.
  return most === undefined ? table : { ...table, limits: { ...table.limits, recordBytes: Number(most) } };
}
