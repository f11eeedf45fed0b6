import {
  type Forgetting,
  forgetBodySchema,
  forgettingPageSchema,
  forgettingSchema,
  idParamSchema,
  isEnded,
  type ProblemCode,
  pageQuerySchema,
  projectPathSchema,
} from "@inlet/contracts";
import {
  confirmForgetting,
  dropForgetting,
  type ForgettingRow,
  findBatchDetail,
  findForgetting,
  findProject,
  insertForgetting,
  insertRevocation,
  listForgettings,
  recordAudit,
  retryForgetting,
  type Tx,
  transaction,
  type WhoToForget,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { noBatch } from "../batches/batch-page.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";

const tags = ["Forgetting"];
const PROJECT = "/v1/clients/:client/projects/:project/forgettings";
const onePathSchema = projectPathSchema.extend({ forgetting: idParamSchema.describe("The order's number") });

/** Orders to forget a recipient. The watcher does what they say. */
export function forgettingRoutes(app: RouteHost, { database }: ApiParts): void {
  async function projectOf(request: FastifyRequest<{ Params: { client: string; project: string } }>): Promise<number> {
    const { client, project } = request.params;
    const found = await findProject(database, { client, project, scope: callerOf(request).scope });
    if (found === undefined) throw noProject(client, project);
    return found.projectId;
  }

  app.get(
    PROJECT,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "List orders to forget a recipient",
        description: "Newest first. What was asked for is never told.",
        params: projectPathSchema,
        querystring: pageQuerySchema,
        response: { 200: forgettingPageSchema.describe("One page"), ...errors(404) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const asked = { projectId: await projectOf(request), beforeId: decodeCursor(cursor), limit: limit + 1 };
      const { page, next } = pageOf(await listForgettings(database, asked), limit, ({ id }) => id);
      return { forgettings: page.map(forgettingView), next };
    },
  );

  app.get(
    `${PROJECT}/:forgetting`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Show how far an order to forget a recipient is",
        params: onePathSchema,
        response: { 200: forgettingSchema, ...errors(404) },
      },
    },
    async (request) => await shown(await projectOf(request), request.params.forgetting),
  );

  app.post(
    PROJECT,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Forget a recipient",
        description:
          "By batch and record, or by a value in a column over all batches of the project. Their links close for good, their " +
          "fields are overwritten in the stored files at equal length, the files as they were sent go, and so do findings' " +
          "values, videos, and their rows in the project's tables. Batches that are touched can never be run again. It is done " +
          "in the background: ask how far it is, or listen. With `preview` it first looks how much it is, and waits.",
        params: projectPathSchema,
        body: forgetBodySchema,
        response: { 202: forgettingSchema.describe("The order, to be followed"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const projectId = await projectOf(request);
      const { batch, record, column, value, preview, reason = null } = request.body;
      const caller = callerOf(request);
      const who: WhoToForget =
        batch === undefined ? { column: column!, value: value! } : { batchId: batch, record: record! };
      if ("record" in who) await assertRecord(request, who);
      const forgettingId = await transaction(database, async (tx) => {
        const id = await insertForgetting(tx, { projectId, who, preview, reason, actor: caller.name });
        if ("record" in who && !preview) await insertRevocation(tx, who);
        await audit(tx, request, "recipient.forget", {
          forgetting: id,
          ...("record" in who ? who : { column: who.column }),
          preview,
          reason,
        });
        return id;
      });
      return reply.status(202).send(await shown(projectId, forgettingId));
    },
  );

  app.post(
    `${PROJECT}/:forgetting/confirmation`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Do what a preview has shown",
        description: "There is no way back.",
        params: onePathSchema,
        response: { 202: forgettingSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const changed = await change(request, "recipient.forget-confirm", confirmForgetting, {
        code: "forgetting_not_waiting",
        message: "waits for no word: ask how far it is. A preview that nobody confirms within an hour is dropped.",
      });
      return reply.status(202).send(changed);
    },
  );

  app.post(
    `${PROJECT}/:forgetting/retry`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Try an order again that has failed",
        params: onePathSchema,
        response: { 202: forgettingSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const changed = await change(request, "recipient.forget-retry", retryForgetting, {
        code: "forgetting_not_failed",
        message: "has not failed.",
      });
      return reply.status(202).send(changed);
    },
  );

  app.delete(
    `${PROJECT}/:forgetting`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Drop a preview",
        description: "Nothing was removed, and what was asked for is gone with it.",
        params: onePathSchema,
        response: { 200: forgettingSchema, ...errors(404, 409) },
      },
    },
    async (request) =>
      await change(request, "recipient.forget-drop", dropForgetting, {
        code: "forgetting_under_way",
        message: "is being done, or over: it cannot be dropped any more.",
      }),
  );

  async function shown(projectId: number, forgettingId: number): Promise<Forgetting> {
    const row = await findForgetting(database, { projectId, forgettingId });
    if (row !== undefined) return forgettingView(row);
    throw notFound("forgetting_not_found", `The project has no order ${forgettingId} to forget a recipient.`);
  }

  async function change(
    request: FastifyRequest<{ Params: z.output<typeof onePathSchema> }>,
    action: string,
    write: (tx: Tx, forgettingId: number) => Promise<boolean>,
    refusal: { code: ProblemCode; message: string },
  ): Promise<Forgetting> {
    const projectId = await projectOf(request);
    const { forgetting } = request.params;
    await shown(projectId, forgetting);
    await transaction(database, async (tx) => {
      if (!(await write(tx, forgetting)))
        throw new Refusal(409, refusal.code, `Order ${forgetting} to forget a recipient ${refusal.message}`);
      await audit(tx, request, action, { forgetting });
    });
    return await shown(projectId, forgetting);
  }

  async function assertRecord(
    request: FastifyRequest,
    { batchId, record }: { batchId: number; record: number },
  ): Promise<void> {
    const row = await findBatchDetail(database, { batchId, scope: callerOf(request).scope });
    const { client, project } = request.params as { client: string; project: string };
    if (row === undefined || row.client !== client || row.project !== project) throw noBatch(batchId);
    if (!isEnded(row.status)) {
      const message = `Batch ${batchId} is under way. Wait for its end, or cancel it first; then order it again.`;
      throw new Refusal(409, "batch_under_way", message);
    }
    if (row.records !== null && record > row.records) {
      const message = `Batch ${batchId} has ${row.records} records; there is no record ${record}.`;
      throw new Refusal(409, "record_unknown", message);
    }
  }
}

/** What the audit says of an order: never the value. */
async function audit(tx: Tx, request: FastifyRequest, action: string, detail: object): Promise<void> {
  const { client, project } = request.params as { client: string; project: string };
  await recordAudit(tx, auditOf(request, action, { path: `${client}/${project}`, detail }));
}

function forgettingView({ error, createdAt, finishedAt, ...row }: ForgettingRow): Forgetting {
  return {
    ...row,
    error: error && { code: error.code, message: error.message },
    createdAt: iso(createdAt),
    finishedAt: iso(finishedAt),
  };
}
