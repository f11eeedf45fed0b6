import { batchDetailSchema, retryBodySchema, revocationBodySchema, revocationSchema } from "@inlet/contracts";
import { findBatchClient, findBatchDetail, insertRevocation, recordAudit, transaction } from "@inlet/database";
import { cancelBatch, retryBatch } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { noBatch, showBatch } from "./batch-page.ts";
import { batchParamsSchema } from "./batch-routes.ts";

const tags = ["Batches"];
const cancelBodySchema = z
  .strictObject({ reason: z.string().trim().min(1).max(500).optional() })
  .meta({ example: { reason: "Sent by mistake" } });

/** What an operator does with a batch. */
export function batchActionRoutes(app: RouteHost, { database, publisher }: ApiParts): void {
  async function assertVisible(request: FastifyRequest, batchId: number): Promise<void> {
    const found = await findBatchClient(database, { batchId, scope: callerOf(request).scope });
    if (found === undefined) throw noBatch(batchId);
  }

  const afterwards = (request: FastifyRequest, batchId: number) => showBatch(database, callerOf(request), batchId);

  app.post(
    "/v1/batches/:id/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Retry a batch",
        description:
          "Sets a failed batch under way again from the step that failed. With `force` and a reason, also one that a " +
          "newer batch of its table has overtaken. Of a rejected batch the delivery of its error file is tried again, " +
          "where that failed; the batch stays rejected.",
        params: batchParamsSchema,
        body: retryBodySchema,
        response: { 200: batchDetailSchema, ...errors(404, 409, 410) },
      },
    },
    async (request) => {
      const { id: batchId } = request.params;
      const { force, reason } = request.body;
      await assertVisible(request, batchId);
      const actor = callerOf(request).name;
      const audit = auditOf(request, "batch.retry", { path: `batch/${batchId}`, detail: { force, reason } });
      const why = reason === undefined ? {} : { reason };
      await retryBatch(database, publisher, { batchId, actor, force, audit, ...why });
      return await afterwards(request, batchId);
    },
  );

  app.post(
    "/v1/batches/:id/cancel",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Cancel a batch",
        description: "Stops a batch that is under way and not imported yet. Nothing of it lands.",
        params: batchParamsSchema,
        body: cancelBodySchema,
        response: { 200: batchDetailSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id: batchId } = request.params;
      const reason = request.body.reason;
      await assertVisible(request, batchId);
      const actor = callerOf(request).name;
      const audit = auditOf(request, "batch.cancel", { path: `batch/${batchId}`, detail: { reason } });
      await cancelBatch(database, publisher, { batchId, actor, audit, ...(reason === undefined ? {} : { reason }) });
      return await afterwards(request, batchId);
    },
  );

  app.post(
    "/v1/batches/:id/revocations",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Take links back",
        description:
          "One recipient's link, or all of the batch. Within seconds the pages are gone, and cannot be told from links " +
          "that never were. There is no way back.",
        params: batchParamsSchema,
        body: revocationBodySchema,
        response: { 200: revocationSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id: batchId } = request.params;
      const record = request.body.record ?? null;
      const row = await findBatchDetail(database, { batchId, scope: callerOf(request).scope });
      if (row === undefined) throw noBatch(batchId);
      if (row.records !== null && record !== null && record > row.records) {
        const message = `Batch ${batchId} has ${row.records} records; there is no record ${record}.`;
        throw new Refusal(409, "record_unknown", message);
      }
      const changed = await transaction(database, async (tx) => {
        const inserted = await insertRevocation(tx, { batchId, record });
        if (inserted)
          await recordAudit(tx, auditOf(request, "links.revoke", { path: `batch/${batchId}`, detail: { record } }));
        return inserted;
      });
      return { batchId, record, changed };
    },
  );
}
