import { failedStepPageSchema, failedStepQuerySchema, operationsSchema } from "@inlet/contracts";
import { failureReasons, listFailedSteps } from "@inlet/database";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { lookAtOperations } from "./operations-view.ts";
import { remembered } from "./remembered.ts";

const tags = ["Operation"];
/** However many look, PostgreSQL and Redis are asked this often at most. */
const FRESH_MS = 1_000;
/** Reasons are those of so many failed steps at most, the newest. */
const REASONS_AMONG = 10_000;
const REASONS_SHOWN = 50;
const BATCHES_SHOWN = 100;

/** How the hub stands, and what failed. */
export function operationsRoutes(app: RouteHost, { database, publisher, env }: ApiParts): void {
  const look = remembered(FRESH_MS, () => lookAtOperations({ database, publisher, dataFolder: env.INLET_DATA }));

  app.get(
    "/v1/operations",
    {
      config: { access: "oversee" },
      schema: {
        tags,
        summary: "Show how the whole hub stands",
        description:
          "Queues with depth, oldest waiting and throughput; what is held back and why; the processes of all services; " +
          "the servers and mailboxes that are looked at; disk, PostgreSQL and Redis. What waits is read from PostgreSQL, " +
          "which holds the truth; `jobs` is what Redis has of it.",
        response: { 200: operationsSchema, ...errors() },
      },
    },
    async () => await look(),
  );

  app.get(
    "/v1/operations/failed-steps",
    {
      config: { access: "oversee" },
      schema: {
        tags,
        summary: "List the steps that failed for good",
        description: "Newest first, with their reasons together. POST /v1/batches/{id}/retry sets one under way again.",
        querystring: failedStepQuerySchema,
        response: { 200: failedStepPageSchema, ...errors() },
      },
    },
    async (request) => {
      const { cursor, limit, ...filter } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const [rows, reasons] = await Promise.all([
        listFailedSteps(database, filter, { beforeId, limit: limit + 1 }),
        failureReasons(database, filter, { among: REASONS_AMONG, batches: BATCHES_SHOWN, limit: REASONS_SHOWN }),
      ]);
      const { page, next } = pageOf(rows, limit, (row) => row.stepId);
      return {
        steps: page.map(({ error, failedAt, ...row }) => ({
          ...row,
          error: { code: error?.code ?? "unknown", message: error?.message ?? "" },
          failedAt: iso(failedAt),
        })),
        next,
        reasons: reasons.map(({ lastAt, ...reason }) => ({ ...reason, lastAt: iso(lastAt) })),
      };
    },
  );
}
