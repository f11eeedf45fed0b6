import {
  AppError,
  type BulkRetry,
  batchDetailSchema,
  bulkRetryBodySchema,
  bulkRetrySchema,
  InvalidInput,
  MOST_RETRIES,
  rerunBodySchema,
} from "@inlet/contracts";
import { asUnavailable, failedBatches, LIST_SETTINGS, transaction, visibleBatches } from "@inlet/database";
import { rerunBatch, retryBatch } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { noBatch, showBatch } from "../batches/batch-page.ts";
import { batchParamsSchema } from "../batches/batch-routes.ts";
import { batchFilter } from "../batches/batch-search.ts";
import { errors } from "../openapi/openapi.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

const tags = ["Batches"];
/** Batches of one request that are retried at once: each holds a connection. */
const AT_ONCE = 4;

type Outcome = BulkRetry["outcomes"][number];

/** What an operator does with batches besides one retry: the same file again, and many at once. */
export function rerunRoutes(app: RouteHost, { database, publisher, blobs }: ApiParts): void {
  app.post(
    "/v1/batches/:id/rerun",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Receive a batch's file again",
        description:
          "Receives the stored file as a new batch, which is the answer, under the project's present profile. It counts as " +
          "no duplicate, belongs to the same run, and stands in the order of arrival where its file does: where a newer " +
          "file of the table is imported, it takes `force` and a reason. One re-run of a file is under way at a time.",
        params: batchParamsSchema,
        body: rerunBodySchema,
        response: { 201: batchDetailSchema, ...errors(404, 409, 410) },
      },
    },
    async (request, reply) => {
      const { id: batchId } = request.params;
      const { reason, force } = request.body;
      const caller = callerOf(request);
      if (!(await visibleBatches(database, { batchIds: [batchId], scope: caller.scope })).has(batchId))
        throw noBatch(batchId);
      const made = await rerunBatch(
        { database, publisher, blobs },
        {
          batchId,
          actor: caller.name,
          reason,
          force,
          audit: (newId) =>
            auditOf(request, "batch.rerun", { path: `batch/${batchId}`, detail: { as: newId, reason, force } }),
        },
      );
      request.log.info({ batchId: made, rerunOf: batchId, actor: caller.name }, "stored file received again");
      return reply.status(201).send(await showBatch(database, caller, made));
    },
  );

  app.post(
    "/v1/batches/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Retry many batches",
        description:
          `Some batches by their numbers, or the failed ones that meet conditions, oldest first; ${MOST_RETRIES} at most. ` +
          "Each by itself: that one cannot be retried keeps no other from it. None is forced.",
        body: bulkRetryBodySchema,
        response: { 200: bulkRetrySchema, ...errors() },
      },
    },
    async (request) => {
      const { ids, filter: conditions = {}, reason } = request.body;
      const { scope } = callerOf(request);
      const found = ids ?? (await failedOf(request, conditions));
      const batchIds = [...new Set(found)].slice(0, MOST_RETRIES);
      const visible = await visibleBatches(database, { batchIds, scope });
      const outcomes: Outcome[] = [];
      const waiting = batchIds.entries();
      const work = async () => {
        for (const [place, id] of waiting) {
          outcomes[place] = visible.has(id) ? await retried(request, id, reason) : refused(id, noBatch(id));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const more = ids === undefined && found.length > MOST_RETRIES;
      return { outcomes, retried: outcomes.filter((outcome) => outcome.retried).length, more };
    },
  );

  async function failedOf(request: FastifyRequest, conditions: Parameters<typeof batchFilter>[2]): Promise<number[]> {
    const filter = await batchFilter(database, callerOf(request).scope, conditions);
    if (filter === undefined) return [];
    return await transaction(database, (tx) => failedBatches(tx, filter, MOST_RETRIES + 1), {
      settings: LIST_SETTINGS,
    });
  }

  async function retried(request: FastifyRequest, batchId: number, reason: string | undefined): Promise<Outcome> {
    const why = reason === undefined ? {} : { reason };
    const audit = auditOf(request, "batch.retry", { path: `batch/${batchId}`, detail: { many: true, ...why } });
    try {
      await retryBatch(database, publisher, { batchId, actor: callerOf(request).name, audit, ...why });
      return { id: batchId, retried: true, code: null, message: null };
    } catch (thrown) {
      const error = asUnavailable(thrown);
      if (error instanceof InvalidInput) return refused(batchId, error);
      request.log.warn({ err: thrown, batchId }, "could not retry one of many");
      // Those before it stand; what failed here is tried again by asking again.
      const code = error instanceof AppError && error.retryable ? "unavailable" : "internal";
      return {
        id: batchId,
        retried: false,
        code,
        message: "A part that Inlet needs did not answer. Try this one again.",
      };
    }
  }
}

const refused = (id: number, { code, message }: { code: string; message: string }): Outcome => ({
  id,
  retried: false,
  code,
  message,
});
