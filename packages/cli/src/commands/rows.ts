import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RowConditions } from "@inlet/client";
import type { Cell } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { printable } from "../terminal.ts";

interface RowsOptions extends GlobalOptions {
  project: string;
  where?: string[];
  columns?: string;
  order?: string;
  limit?: number;
  csv?: boolean;
  raw?: boolean;
  output?: string;
}

const LISTED = 20;
/** What a page of the API holds at most. */
const MOST = 1_000;

/** Prints rows of an imported table; or writes all that fit as CSV. */
export async function rows(table: string, options: RowsOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const conditions: RowConditions = {
    filters: (options.where ?? []).map(readFilter),
    columns: options.columns?.split(","),
    order: options.order?.split(","),
  };
  const { api, out, result } = await openSession(options);
  if (options.csv || options.output !== undefined) {
    const { body } = await api.rowsFile(client, project, table, { ...conditions, raw: options.raw });
    const file = options.output === undefined || options.output === "-" ? undefined : options.output;
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    if (file === undefined) return await pipeline(source, process.stdout, { end: false });
    await pipeline(source, createWriteStream(file));
    out.line(`Saved ${file}`);
    return result({ file });
  }
  const page = await api.rows(client, project, table, {
    ...conditions,
    limit: Math.min(options.limit ?? LISTED, MOST),
  });
  const columns: Column<Record<string, Cell>>[] = page.columns
    // Inlet's own are for those who ask for them.
    .filter(({ own, name }) => !own || conditions.columns?.includes(name))
    .map(({ name, type }) => ({
      title: name,
      text: (row) => (row[name] === null ? "" : printable(String(row[name]))),
      ...(type === "integer" || type === "decimal" ? { align: "right" as const } : {}),
    }));
  if (page.rows.length === 0) out.line("No rows fit.");
  else for (const line of renderTable(page.rows, columns, out)) out.line(line);
  if (page.next !== null) out.line(out.paint("dim", "There are more: --limit, or --csv for all."));
  result(page);
}

/** `price=gte:10`; `price=10` is meant as equal. */
function readFilter(text: string): [column: string, condition: string] {
  const [, column, condition] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (column === undefined || condition === undefined) {
    throw usageFailure(`“${text}” is no filter: write column=operator:value, such as price=gte:10.`);
  }
  return [column, /^(?:eq|ne|lt|lte|gt|gte|in|null|prefix):/.test(condition) ? condition : `eq:${condition}`];
}
