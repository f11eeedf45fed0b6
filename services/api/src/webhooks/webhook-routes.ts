import {
  createdWebhookSchema,
  idParamSchema,
  newWebhookSchema,
  removedWebhookSchema,
  slugSchema,
  webhookChangeSchema,
  webhookListSchema,
  webhookRotationSchema,
  webhookSchema,
} from "@inlet/contracts";
import {
  addWebhookSecret,
  countWebhooks,
  deleteWebhook,
  failWaitingMessages,
  findClient,
  findProject,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockClientWebhooks,
  lockWebhook,
  noteWebhookEvents,
  recordAudit,
  type Tx,
  transaction,
  updateWebhook,
  type WebhookRow,
} from "@inlet/database";
import { receiverOf } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { newWebhookSecret } from "./webhook-secret.ts";
import { webhookView } from "./webhook-view.ts";

const tags = ["Webhooks"];
const ofClient = z.object({ client: slugSchema });
const byId = z.object({ id: idParamSchema });

/** Each event of a batch is a message for each of them: a client has as many as people can keep an eye on. */
const MOST_OF_CLIENT = 20;
const HOUR_MS = 3_600_000;

/** Addresses that are told of events. What became of each event is in `delivery-routes.ts`. */
export function webhookRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.get(
    "/v1/clients/:client/webhooks",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a client's webhooks",
        description: "Without their secrets.",
        params: ofClient,
        response: { 200: webhookListSchema, ...errors(404) },
      },
    },
    async (request) => {
      const clientId = await clientOf(database, request, request.params.client);
      return { webhooks: (await listWebhooks(database, clientId)).map(webhookView) };
    },
  );

  app.post(
    "/v1/clients/:client/webhooks",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Add a webhook",
        description: "`secret` is in this answer and nowhere else: its receiver checks signatures with it.",
        params: ofClient,
        body: newWebhookSchema,
        response: { 201: createdWebhookSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { client } = request.params;
      const { project, secret: given, ...facts } = request.body;
      const made = await transaction(database, async (tx) => {
        const clientId = await clientOf(tx, request, client);
        const projectId = project === undefined ? null : await projectOf(tx, request, { client, project });
        await lockClientWebhooks(tx, clientId);
        if ((await countWebhooks(tx, clientId)) >= MOST_OF_CLIENT) {
          const message = `Client ${client} has ${MOST_OF_CLIENT} webhooks, and no more are possible. Remove one first.`;
          throw new Refusal(409, "too_many_webhooks", message);
        }
        const webhookId = await insertWebhook(tx, { ...facts, clientId, projectId });
        const secret = newWebhookSecret(env.INLET_KEY, clientId, given);
        await addWebhookSecret(tx, { webhookId, ...secret, graceMs: 0 });
        await noteWebhookEvents(tx, clientId);
        const row = await webhookOf(tx, request, webhookId);
        await recordAudit(
          tx,
          auditOfWebhook(request, "webhook.add", row, { events: row.events, enabled: row.enabled }),
        );
        return { ...webhookView(row), secret: secret.text };
      });
      reply.status(201);
      return made;
    },
  );

  app.get(
    "/v1/webhooks/:id",
    {
      config: { access: "read" },
      schema: { tags, summary: "Show a webhook", params: byId, response: { 200: webhookSchema, ...errors(404) } },
    },
    async (request) => webhookView(await webhookOf(database, request, request.params.id)),
  );

  app.patch(
    "/v1/webhooks/:id",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Change a webhook",
        description:
          "What is not given stays as it is. While it is disabled, nothing is kept for it; what waits when it is disabled fails.",
        params: byId,
        body: webhookChangeSchema,
        response: { 200: webhookSchema, ...errors(404) },
      },
    },
    async (request) =>
      await transaction(database, async (tx) => {
        const before = await lockedWebhook(tx, request, request.params.id);
        await updateWebhook(tx, { webhookId: before.id, ...request.body });
        if (request.body.enabled === false) await failWaitingMessages(tx, before.id);
        await noteWebhookEvents(tx, before.clientId);
        const row = await webhookOf(tx, request, before.id);
        // The address itself may be secret.
        const { url, ...changed } = request.body;
        const detail = { ...changed, ...(url === undefined ? {} : { urlChanged: url !== before.url }) };
        await recordAudit(tx, auditOfWebhook(request, "webhook.change", row, detail));
        return webhookView(row);
      }),
  );

  app.delete(
    "/v1/webhooks/:id",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Remove a webhook",
        description: "With its secrets and its deliveries, those that wait among them.",
        params: byId,
        response: { 200: removedWebhookSchema, ...errors(404) },
      },
    },
    async (request) =>
      await transaction(database, async (tx) => {
        const row = await lockedWebhook(tx, request, request.params.id);
        await deleteWebhook(tx, row.id);
        await noteWebhookEvents(tx, row.clientId);
        await recordAudit(tx, auditOfWebhook(request, "webhook.remove", row));
        return { id: row.id, removed: true as const };
      }),
  );

  app.post(
    "/v1/webhooks/:id/rotate",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Rotate a webhook's secret",
        description:
          "The new secret is in this answer and nowhere else. For `graceHours` events carry a signature of each, so that the " +
          "receiver can be given the new one meanwhile.",
        params: byId,
        body: webhookRotationSchema,
        response: { 200: createdWebhookSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { graceHours, secret: given } = request.body;
      return await transaction(database, async (tx) => {
        const { id: webhookId, clientId } = await lockedWebhook(tx, request, request.params.id);
        const secret = newWebhookSecret(env.INLET_KEY, clientId, given);
        await addWebhookSecret(tx, { webhookId, ...secret, graceMs: graceHours * HOUR_MS });
        const row = await webhookOf(tx, request, webhookId);
        await recordAudit(tx, auditOfWebhook(request, "webhook.rotate", row, { graceHours }));
        return { ...webhookView(row), secret: secret.text };
      });
    },
  );
}

type On = Parameters<typeof findClient>[0];

async function clientOf(on: On, request: FastifyRequest, client: string): Promise<number> {
  const clientId = await findClient(on, { client, scope: callerOf(request).scope });
  if (clientId !== undefined) return clientId;
  throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
}

async function projectOf(
  on: On,
  request: FastifyRequest,
  { client, project }: { client: string; project: string },
): Promise<number> {
  const found = await findProject(on, { client, project, scope: callerOf(request).scope });
  if (found !== undefined) return found.projectId;
  throw notFound("project_not_found", `There is no project ${client}/${project}. GET /v1/projects lists them.`);
}

/** A webhook that the caller may see. */
export async function webhookOf(on: On, request: FastifyRequest, webhookId: number): Promise<WebhookRow> {
  const found = await findWebhook(on, { webhookId, scope: callerOf(request).scope });
  if (found !== undefined) return found;
  throw notFound(
    "webhook_not_found",
    `There is no webhook ${webhookId}. GET /v1/clients/:client/webhooks lists a client's.`,
  );
}

/** The same, its row locked: before its messages and before what its client's projects note. */
async function lockedWebhook(tx: Tx, request: FastifyRequest, webhookId: number): Promise<WebhookRow> {
  await lockWebhook(tx, webhookId);
  return await webhookOf(tx, request, webhookId);
}

/** The audit's line on a webhook: by its number and its receiver, without what may be secret in its address. */
export function auditOfWebhook(request: FastifyRequest, action: string, row: WebhookRow, detail: object = {}) {
  const { id, client, project, url } = row;
  return auditOf(request, action, {
    path: project === null ? client : `${client}/${project}`,
    detail: { webhook: id, receiver: receiverOf(url), ...detail },
  });
}
