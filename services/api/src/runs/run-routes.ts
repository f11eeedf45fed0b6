import { idParamSchema, type RunDetail, runDetailSchema, runPageSchema, runQuerySchema } from "@inlet/contracts";
import { type Database, findRunDetail, listBatches, listRuns } from "@inlet/database";
import { z } from "zod";
import { type Caller, callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { batchSummary, messageView } from "../views.ts";
import { openRunReader, type ReadRuns, runSummary, waitsFor } from "./run-view.ts";

const tags = ["Runs"];
/** A run of a date has a batch for each table, and some again; a run of a file has one. */
const BATCHES_SHOWN = 1_000;
/** In a list, of each run. */
const BATCHES_READ = 200;

/** Batches that are reported together. */
export function runRoutes(app: RouteHost, { database }: ApiParts): void {
  const readRuns = openRunReader(database);

  app.get(
    "/v1/runs",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List runs",
        description: "Newest first, with what started them and how their tables stand.",
        querystring: runQuerySchema,
        response: { 200: runPageSchema.describe("One page"), ...errors() },
      },
    },
    async (request) => {
      const { cursor, limit, client = null, project = null, state = null } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const { scope } = callerOf(request);
      const filter = { scope, client, project, state, beforeId };
      const { page, next } = pageOf(await listRuns(database, filter, limit + 1), limit, (row) => row.id);
      const runs = await readRuns(page, BATCHES_READ);
      return { runs: runs.map((run) => runSummary(run, { forClient: scope !== null })), next };
    },
  );

  app.get(
    "/v1/runs/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a run",
        description:
          "With its trigger, its tables and how they stand, its batches (newest first, 1,000 at most) and its messages.",
        params: z.object({ id: idParamSchema }),
        response: { 200: runDetailSchema, ...errors(404) },
      },
    },
    async (request) => await showRun(database, readRuns, callerOf(request), request.params.id),
  );
}

/** A run with all that is told of it. @throws Refusal 404 */
export async function showRun(
  database: Database,
  readRuns: ReadRuns,
  { scope }: Pick<Caller, "scope">,
  runId: number,
): Promise<RunDetail> {
  const row = await findRunDetail(database, { runId, scope });
  if (row === undefined) {
    throw notFound("run_not_found", `There is no run ${runId}. GET /v1/runs lists those that you may see.`);
  }
  const batches = await listBatches(database, { scope, runId }, BATCHES_SHOWN);
  const [read] = await readRuns([row], BATCHES_SHOWN);
  const waits = waitsFor(read!);
  const now = new Date();
  return {
    ...runSummary(read!, { forClient: scope !== null }),
    batches: batches.map((batch) => ({ ...batchSummary(batch, now), waitsFor: waits.get(batch.id) ?? null })),
    messages: row.messages.map(messageView),
  };
}
