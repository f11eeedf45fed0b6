import type { Readable } from "node:stream";
import {
  type Problem,
  projectPathSchema,
  type RowPage,
  rowPageSchema,
  rowQuerySchema,
  tableDetailSchema,
  tableListSchema,
  tablePathSchema,
} from "@inlet/contracts";
import {
  cellKind,
  describeImportedTable,
  type ImportedTable,
  lastImports,
  type RowSelection,
  readImportedRows,
  readingImported,
  type Scope,
  SQLSTATE,
  sqlstateOf,
  streamImportedCsv,
} from "@inlet/database";
import type { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { Refusal } from "../requests/errors.ts";
import { openTurns } from "../requests/turns.ts";
import { wantsCsv } from "../requests/wants-csv.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { jsonCell } from "./cell-text.ts";
import { openExportPlaces } from "./exports.ts";
import {
  type ProfileTable,
  projectTable,
  projectTables,
  tableColumns,
  tableSummary,
  uniqueKeyOf,
} from "./imported-table.ts";
import { decodeRowCursor, encodeRowCursor, fingerprint } from "./row-cursor.ts";
import { readFilters } from "./row-filter.ts";
import { readOrder } from "./row-order.ts";

const tags = ["Imported tables"];
/** A page that takes longer is given up. */
const PAGE_TIMEOUT_MS = 15_000;
/** Pages that are read at once: with the exports they leave three of the pool's ten connections to all other requests. */
const PAGES_AT_ONCE = 4;
/** Who came after these would wait longer than anybody does. */
const MOST_WAITING = 20;
/** A whole table as CSV may take as long as its reader needs, within reason. */
const EXPORT_TIMEOUT_MS = 4 * 60 * 60 * 1_000;

type RowQuery = z.output<typeof rowQuerySchema>;

/** What was asked for, of a table as it stands now. */
interface Asked extends RowSelection {
  /** Stands for filters and order: a cursor belongs to them. */
  asked: string;
}

/** What was imported, as it is in PostgreSQL. */
export function tableRoutes(app: RouteHost, { database }: ApiParts): void {
  const exports = openExportPlaces();
  const inTurn = openTurns({ atOnce: PAGES_AT_ONCE, mostWaiting: MOST_WAITING });

  app.get(
    "/v1/clients/:client/projects/:project/tables",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a project's tables",
        description: "Those of its live profile, with how many rows they have and what was imported last.",
        params: projectPathSchema,
        response: { 200: tableListSchema, ...errors(404, 422) },
      },
    },
    async (request) => {
      const tables = await projectTables(database, { ...request.params, scope: callerOf(request).scope });
      const imports = await importsOf(tables);
      return await readInTime(async (tx) => {
        const summaries = [];
        for (const each of tables) {
          summaries.push((await tableSummary(tx, each, imports.get(each.table.name))).summary);
        }
        return { tables: summaries };
      });
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/tables/:table",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show an imported table",
        description: "Its columns, how many rows it has, and what was imported last.",
        params: tablePathSchema,
        response: { 200: tableDetailSchema, ...errors(404, 422) },
      },
    },
    async (request) => {
      const found = await projectTable(database, { ...request.params, scope: callerOf(request).scope });
      const imports = await importsOf([found]);
      return await readInTime(async (tx) => {
        const { summary, stored } = await tableSummary(tx, found, imports.get(found.table.name));
        return { ...summary, key: found.table.key, columns: tableColumns(found.table, stored) };
      });
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/tables/:table/rows",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Read the rows of an imported table",
        description:
          "In pages, or (`Accept: text/csv`, or `format=csv`) all of them as a CSV file. Every parameter that is not " +
          "listed here is a filter, `<column>=<operator>:<value>`: `price=gte:10`, `country=in:DE,FR`, `note=null:true`, " +
          "`name=prefix:A`; a column whose name is that of a parameter is filtered as `where.<column>=…`. Whole numbers " +
          "beyond 2^53 and all decimals are strings. Pages follow the table's key, or the order of import, and stay " +
          "stable while rows are added; when the whole table is replaced meanwhile, the next page says so (409).",
        params: tablePathSchema,
        querystring: rowQuerySchema,
        produces: ["application/json", "text/csv"],
        response: { 200: rowPageSchema.describe("One page, or the CSV file"), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const found = await projectTable(database, { ...request.params, scope: callerOf(request).scope });
      reply.header("vary", "accept");
      if (!wantsCsv(request)) return await pageOf(found, request.query);
      const { client, project, table } = request.params;
      const body = await inTime(() => csvOf(found, request.query, callerOf(request).scope));
      reply
        .header("content-type", "text/csv; charset=utf-8; header=present")
        .header("content-disposition", contentDisposition(`${client}-${project}-${table}.csv`))
        .serializer((payload) => payload as never);
      return reply.send(body as never);
    },
  );

  async function importsOf(tables: readonly ProfileTable[]) {
    const [first] = tables;
    if (first === undefined) return new Map();
    const names = tables.map(({ table }) => table.name);
    const imports = await lastImports(database, { projectId: first.projectId, tables: names });
    return new Map(imports.map((each) => [each.tableName, each]));
  }

  const readInTime = <T>(read: Parameters<typeof readingImported<T>>[2]) =>
    inTurn(() => inTime(() => readingImported(database, { timeoutMs: PAGE_TIMEOUT_MS }, read)));

  async function pageOf(found: ProfileTable, query: RowQuery): Promise<RowPage> {
    return await readInTime(async (tx) => {
      const table = await describeImportedTable(tx, found.relation);
      const asked = choose(found, table, query);
      const shown = shownColumns(found, table, asked.columns);
      if (table === undefined) return { columns: shown, rows: [], next: null };
      const after = query.cursor === undefined ? undefined : decodeRowCursor(query.cursor, asked);
      const rows = await readImportedRows(tx, asked, { after, limit: query.limit + 1 });
      const page = rows.slice(0, query.limit);
      const width = asked.columns.length;
      const kinds = shown.map(({ postgresType }) => cellKind(postgresType));
      const last = rows.length > query.limit ? page.at(-1)!.slice(width) : undefined;
      return {
        columns: shown,
        rows: page.map((cells) =>
          Object.fromEntries(asked.columns.map((name, place) => [name, jsonCell(kinds[place]!, cells[place]!)])),
        ),
        next: last === undefined ? null : encodeRowCursor(table.generation, asked.asked, last),
      };
    });
  }

  /** The header line alone while nothing was imported. */
  async function csvOf(found: ProfileTable, query: RowQuery, scope: Scope): Promise<Readable> {
    if (query.cursor !== undefined) {
      throw invalidQuery([{ path: ["cursor"], message: "CSV is all rows; leave the cursor out" }]);
    }
    const table = await readInTime((tx) => describeImportedTable(tx, found.relation));
    const { columns } = choose(found, table, query);
    return await exports.stream(scope, async function* () {
      if (table === undefined) {
        yield Buffer.from(`${columns.join(",")}\n`);
        return;
      }
      yield* streamImportedCsv(database, { timeoutMs: EXPORT_TIMEOUT_MS, isRaw: query.raw }, async (tx) => {
        const asked = choose(found, await describeImportedTable(tx, found.relation), query);
        // Sorting a whole table costs more than reading it: only where somebody asks for an order.
        return { ...asked, order: query.order === undefined ? [] : asked.order };
      });
    });
  }
}

/** Reads a query against a table. @throws Refusal with every mistake */
function choose(
  { table: profileTable, relation }: ProfileTable,
  stored: ImportedTable | undefined,
  query: RowQuery,
): Asked {
  const columns = tableColumns(profileTable, stored);
  const table: ImportedTable = stored ?? {
    source: relation,
    generation: null,
    columns: columns.map(({ name, postgresType: type }) => ({ name, type })),
    estimatedRows: null,
  };
  const { conditions, problems } = readFilters(query, table.columns);
  const ordered = readOrder(query.order, table, uniqueKeyOf(profileTable));
  const chosen = readColumns(query.columns, table);
  const mistakes = [...problems, ...ordered.problems, ...chosen.problems];
  if (mistakes.length > 0) throw invalidQuery(mistakes);
  const { order } = ordered;
  return {
    table,
    columns: chosen.names,
    conditions,
    order,
    asked: fingerprint([profileTable.name, conditions, order]),
  };
}

/** The columns that are asked for, in that order. */
function readColumns(asked: string | undefined, { columns }: ImportedTable): { names: string[]; problems: Problem[] } {
  const all = columns.map(({ name }) => name);
  if (asked === undefined) return { names: all, problems: [] };
  const names = asked.split(",");
  const unknown = names.filter((name) => !all.includes(name));
  const problems = unknown.slice(0, MOST_PROBLEMS).map((name) => ({
    path: ["columns"],
    message: `there is no column ${name.slice(0, 63)}`,
  }));
  if (new Set(names).size < names.length) problems.push({ path: ["columns"], message: "a column is named twice" });
  return { names, problems };
}

const MOST_PROBLEMS = 20;

function shownColumns(found: ProfileTable, stored: ImportedTable | undefined, names: readonly string[]) {
  const columns = new Map(tableColumns(found.table, stored).map((column) => [column.name, column]));
  return names.map((name) => columns.get(name)!);
}

function invalidQuery(problems: readonly Problem[]): Refusal {
  const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
  return new Refusal(400, "request_invalid", `The query has ${count}; see errors.`, problems.slice(0, MOST_PROBLEMS));
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlstateOf(error) !== SQLSTATE.queryCanceled) throw error;
    throw new Refusal(
      422,
      "query_too_slow",
      `PostgreSQL did not find these rows within ${PAGE_TIMEOUT_MS / 1_000} s. Filter by the table's key, order by it, or take all rows as CSV.`,
    );
  }
}
