import { idParamSchema, runDetailSchema, runPageSchema, runQuerySchema } from "@inlet/contracts";
import { findRunDetail, listBatches, listRuns } from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { batchSummary, messageView, runSummary } from "../views.ts";

const tags = ["Runs"];
/** A run of a date has a batch for each table, and some again; a run of a file has one. */
const BATCHES_SHOWN = 1_000;

/** Batches that are reported together. */
export function runRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/runs",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List runs",
        description: "Newest first.",
        querystring: runQuerySchema,
        response: { 200: runPageSchema.describe("One page"), ...errors() },
      },
    },
    async (request) => {
      const { cursor, limit, client = null, project = null, state = null } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const filter = { scope: callerOf(request).scope, client, project, state, beforeId };
      const { page, next } = pageOf(await listRuns(database, filter, limit + 1), limit, (row) => row.id);
      return { runs: page.map(runSummary), next };
    },
  );

  app.get(
    "/v1/runs/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a run",
        description: "With its batches (newest first, 1,000 at most) and its messages.",
        params: z.object({ id: idParamSchema }),
        response: { 200: runDetailSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { scope } = callerOf(request);
      const run = await findRunDetail(database, { runId: id, scope });
      if (run === undefined) {
        throw notFound("run_not_found", `There is no run ${id}. GET /v1/runs lists those that you may see.`);
      }
      const batches = await listBatches(database, { scope, runId: id }, BATCHES_SHOWN);
      const now = new Date();
      return {
        ...runSummary(run),
        batches: batches.map((row) => ({ ...batchSummary(row, now), waitsFor: null })),
        messages: run.messages.map(messageView),
      };
    },
  );
}
