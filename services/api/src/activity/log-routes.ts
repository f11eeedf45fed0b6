import { join } from "node:path";
import { batchLogPageSchema, batchLogQuerySchema } from "@inlet/contracts";
import { batchTimes } from "@inlet/database";
import { LOG_FOLDER, type LogPlace, logKeptSince, readBatchLog } from "@inlet/runtime";
import { callerOf } from "../access.ts";
import { noBatch } from "../batches/batch-page.ts";
import { batchParamsSchema } from "../batches/batch-routes.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { levelNumber, logLine } from "./log-line.ts";

/** Before its receipt a file is claimed and stored; hosts' clocks differ; and some lines come after the last commit. */
const BEFORE_MS = 5_000;
const AFTER_MS = 60_000;

/** What the services wrote about a batch. */
export function logRoutes(app: RouteHost, { database, env }: ApiParts): void {
  const folder = join(env.INLET_DATA, LOG_FOLDER);

  app.get(
    "/v1/batches/:id/log",
    {
      // Lines name workers, hosts and errors of the hub's own: they are for those who operate it, of their own clients.
      config: { access: "operate" },
      schema: {
        tags: ["Batches"],
        summary: "Read a batch's log",
        description:
          "The log lines of all services that are about the batch, oldest first, as far as log files are kept " +
          "(`LOG_KEEP_DAYS`). A page may hold few lines, or none, and still have a `next` one: one request searches so " +
          "much and no more.",
        params: batchParamsSchema,
        querystring: batchLogQuerySchema,
        response: { 200: batchLogPageSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id: batchId } = request.params;
      const { cursor, limit, level = "trace" } = request.query;
      const times = await batchTimes(database, { batchId, scope: callerOf(request).scope });
      if (times === undefined) throw noBatch(batchId);
      const fromMs = times.from.getTime() - BEFORE_MS;
      const toMs = Math.min(Date.now(), (times.to?.getTime() ?? Number.POSITIVE_INFINITY) + AFTER_MS);
      const part = await readBatchLog(folder, { batchId, fromMs, toMs, after: decodePlace(cursor), limit });
      const keptSinceMs = await logKeptSince(folder);
      return {
        lines: part.lines.filter(({ entry }) => Number(entry.level) >= levelNumber(level)).map(logLine),
        next: part.next === undefined ? null : encodePlace(part.next),
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        keptSince: keptSinceMs === undefined ? null : new Date(keptSinceMs).toISOString(),
      };
    },
  );
}

function encodePlace({ atMs, skip }: LogPlace): string {
  return Buffer.from(`l1:${atMs}:${skip}`).toString("base64url");
}

function decodePlace(cursor: string | undefined): LogPlace | undefined {
  if (cursor === undefined) return undefined;
  const match = /^l1:(\d{1,15}):(\d{1,9})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"));
  if (match === null) {
    throw new Refusal(400, "cursor_invalid", "This is no cursor. Take the `next` of the page before, or leave it out.");
  }
  return { atMs: Number(match[1]), skip: Number(match[2]) };
}
