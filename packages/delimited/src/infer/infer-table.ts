import { type Format, MAX_COLUMNS, type Table, tableSchema } from "@inlet/contracts";
import { trimLabel } from "../header/header.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { columnNames } from "./column-name.ts";
import { type InferredColumn, type InferredColumns, inferColumns } from "./infer-columns.ts";
import type { Sampled } from "./sample.ts";

/** A label of a profile is no longer. */
const LONGEST_LABEL = 200;
/** More than half of a column's cells stand between spaces: then these are how the file is written. */
const PADDED_SHARE = 0.5;

/** A table made for a file that no profile knows. */
export interface InferredTable {
  table: Table;
  /** Of each field of the file; `name` is the table's column, null for a field that is none (no label, or one too long). */
  fields: (InferredColumn & { label: string; name: string | null })[];
  sample: Pick<InferredColumns, "records" | "isWhole">;
}

/**
 * Makes a table for a file out of the file itself: its dialect fixed as it was found, a column for each label, with the type
 * that its cells have. Checked against it, the file shows what contradicts itself.
 * @param format what is known already, and wins over what was found.
 */
export async function inferTable(
  sampled: Sampled,
  { format = {}, withValues = false }: { format?: Partial<Format>; withValues?: boolean } = {},
): Promise<InferredTable> {
  const { scan } = sampled;
  const labels = scan.header.labels.slice(0, MAX_COLUMNS).map(trimLabel);
  const { columns, ...sample } = await inferColumns(sampled, scan.header.labels.length, withValues);
  const names = columnNames(labels);
  const seen = new Set<string>();
  const fields = labels.map((label, index) => {
    const isUsable = label !== "" && label.length <= LONGEST_LABEL && !seen.has(label);
    seen.add(label);
    return { ...columns[index]!, label, name: isUsable ? names[index]! : null };
  });
  const named = fields.filter((field) => field.name !== null);
  const table = tableSchema.parse({
    name: "file",
    // Title lines are looked for again, so that the check reports them.
    format: { ...formatOf(scan, isPadded(columns)), preambleLines: "auto", ...format },
    limits: { columns: MAX_COLUMNS },
    columns:
      named.length === 0
        ? [{ name: "value" }]
        : named.map(({ name, label, reading }) => ({ name, header: label, ...reading })),
    invalid: { policy: "reject" },
  });
  return { table, fields, sample };
}

function isPadded(columns: readonly InferredColumn[]): boolean {
  return columns.some(({ padded, filled }) => filled > 1 && padded > filled * PADDED_SHARE);
}

/**
 * What was found, as a profile says it. UTF-8 stays open: where the file's beginning is all ASCII, only the whole of it can
 * tell.
 */
export function formatOf({ dialect, header }: ScanPlan, isPadded = false): Partial<Format> {
  const headerLines = header.records ?? 1;
  return {
    delimiter: dialect.delimiter,
    quote: dialect.quote ?? "none",
    escape: dialect.escape,
    encoding: dialect.encoding === "windows-1252" ? "windows-1252" : "auto",
    reading: dialect.reading,
    ...(dialect.comment === null ? {} : { comment: dialect.comment }),
    preambleLines: Math.min(1000, header.line - 1),
    headerLines,
    trimSpaces: dialect.trimSpaces || isPadded,
    ...(dialect.trailer === null ? {} : { trailer: dialect.trailer }),
  };
}
