import { figure, InvalidInput, limitsSchema, MAX_COLUMNS, type Table } from "@inlet/contracts";
import { check } from "../check/check.ts";
import { isUnreadable, sniff } from "../detect/sniff.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";
import { type NamedTable, nameTable } from "./file-name-pattern.ts";
import { type InferredTable, inferTable } from "./infer-table.ts";

/** A sample of the files to come. */
export interface SampleFile {
  source: ByteSource;
  fileName: string;
  sizeBytes: number;
  signal?: AbortSignal | undefined;
}

/** What a profile may say of files like the sample. */
export interface ProposedTable extends NamedTable {
  scan: ScanPlan;
  inferred: InferredTable;
  /** Columns of the table in which no cell of the whole sample is empty. */
  filled: ReadonlySet<string>;
}

/**
 * Proposes a table for files like a sample: its name and the pattern of its files by the sample's name, its dialect, a column
 * for each label with the type that the cells show, and which of them are never empty.
 * @throws InvalidInput when the sample cannot be read, or has too many columns
 */
export async function proposeTable({ source, fileName, sizeBytes, signal }: SampleFile): Promise<ProposedTable> {
  const found = await sniff(source, {
    limits: limitsSchema.parse({ columns: MAX_COLUMNS }),
    ...(signal && { signal }),
  });
  if (isUnreadable(found)) throw new InvalidInput(found.problem);
  const columns = found.labels.length;
  if (columns > MAX_COLUMNS) {
    const message = `The file has ${figure(columns)} columns; a table has at most ${MAX_COLUMNS}.`;
    throw new InvalidInput({ code: "columns_too_many", message });
  }
  const inferred = await inferTable({ source, scan: found.scan, sizeBytes, signal }, { withValues: true });
  found.scan.dialect.trimSpaces = inferred.table.format.trimSpaces;
  const filled = await findFilled(source, inferred.table, signal);
  return { ...nameTable(fileName), scan: found.scan, inferred, filled };
}

/** The columns without an empty cell: all of the file is looked at, because a profile must not refuse its own sample. */
async function findFilled(source: ByteSource, table: Table, signal: AbortSignal | undefined): Promise<Set<string>> {
  const filled = new Set(table.columns.map(({ name }) => name));
  const columns = table.columns.map((column) => ({ ...column, required: true }));
  const report = await check(source, {
    table: { ...table, columns },
    ...(signal && { signal }),
    onIssue: ({ code, column }) => void (code === "value_missing" && column !== null && filled.delete(column)),
  });
  return report.counts.records === 0 ? new Set() : filled;
}
