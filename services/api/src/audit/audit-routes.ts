import { Readable } from "node:stream";
import { type AuditLine, auditPageSchema, auditQuerySchema } from "@inlet/contracts";
import { type AuditFilter, type AuditRow, listAudit } from "@inlet/database";
import type { z } from "zod";
import { errors } from "../openapi/openapi.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { openTurns } from "../requests/turns.ts";
import { wantsCsv } from "../requests/wants-csv.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { AUDIT_CSV_HEADER, auditCsvLine } from "./audit-csv.ts";

const CSV_PAGE = 1_000;
/** No index serves the search for a part of a path or for a client: it may go through all lines that are kept. */
const AT_ONCE = 2;
const MOST_WAITING = 20;

/** Who did what. */
export function auditRoutes(app: RouteHost, { database, env }: ApiParts): void {
  const inTurn = openTurns({ atOnce: AT_ONCE, mostWaiting: MOST_WAITING });
  const linesOf = (filter: AuditFilter, page: { beforeId: number | null; limit: number }) =>
    inTurn(() => listAudit(database, filter, page));

  app.get(
    "/v1/audit",
    {
      config: { access: "oversee" },
      schema: {
        tags: ["Operation"],
        summary: "Read the audit",
        description:
          "Who did what, from where, with what outcome; newest first. As CSV (`Accept: text/csv`, or `format=csv`): all " +
          "lines that fit, as a file that a spreadsheet can open safely.",
        querystring: auditQuerySchema,
        produces: ["application/json", "text/csv"],
        response: { 200: auditPageSchema.describe("One page, or the CSV file"), ...errors() },
      },
    },
    async (request, reply) => {
      const { cursor, limit } = request.query;
      const filter = filterOf(request.query);
      const beforeId = decodeCursor(cursor) ?? null;
      reply.header("vary", "accept");
      if (wantsCsv(request)) {
        reply
          .header("content-type", "text/csv; charset=utf-8; header=present")
          .header("content-disposition", contentDisposition("audit.csv"))
          .serializer((payload) => payload as never);
        return reply.send(Readable.from(csvOf(filter, beforeId), { objectMode: false }) as never);
      }
      const rows = await linesOf(filter, { beforeId, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, (row) => row.id);
      return { lines: page.map(auditLine), next, keptDays: env.AUDIT_KEEP_DAYS ?? DEFAULT_KEEP_DAYS };
    },
  );

  /** Page by page: no connection is held while the reader takes its time. */
  async function* csvOf(filter: AuditFilter, from: number | null): AsyncGenerator<string> {
    yield AUDIT_CSV_HEADER;
    for (let beforeId = from; ; ) {
      const rows = await linesOf(filter, { beforeId, limit: CSV_PAGE });
      if (rows.length > 0) yield rows.map((row) => auditCsvLine(auditLine(row))).join("");
      if (rows.length < CSV_PAGE) return;
      beforeId = rows.at(-1)!.id;
    }
  }
}

/** As `AUDIT_KEEP_DAYS` of the watcher has it, which deletes what is older. */
const DEFAULT_KEEP_DAYS = 400;

function filterOf({ from, to, actor, action, path, client, outcome }: z.output<typeof auditQuerySchema>): AuditFilter {
  return {
    ...{ actor, action, path, client, outcome },
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

const auditLine = (row: AuditRow): AuditLine => ({ ...row, at: iso(row.at) });
