import { randomUUID } from "node:crypto";
import {
  idParamSchema,
  type WebhookDeliveryDetail,
  webhookDeliveryDetailSchema,
  webhookDeliveryPageSchema,
  webhookDeliveryQuerySchema,
} from "@inlet/contracts";
import {
  findWebhookDelivery,
  insertWebhookMessages,
  listWebhookDeliveries,
  recordAudit,
  resendMessage,
  transaction,
} from "@inlet/database";
import { receiverOf } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { auditOfWebhook, webhookOf } from "./webhook-routes.ts";
import { attemptView, deliveryView, MESSAGE_STATES } from "./webhook-view.ts";

const tags = ["Webhooks"];
const byId = z.object({ id: idParamSchema });

/** What webhooks were told, and what came of it. */
export function deliveryRoutes(app: RouteHost, { database, publisher }: ApiParts): void {
  app.post(
    "/v1/webhooks/:id/ping",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Try a webhook out",
        description:
          "Sends it an event of type `ping`, whatever events it is told of. The delivery that is answered is on its way: ask for " +
          "it again to see what came of it.",
        params: byId,
        response: { 202: webhookDeliveryDetailSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const ref = await transaction(database, async (tx) => {
        const row = await webhookOf(tx, request, request.params.id);
        const { id: webhookId, client, url, enabled } = row;
        assertEnabled(webhookId, enabled);
        const [made] = await insertWebhookMessages(tx, [
          {
            ...{ key: `webhook:${webhookId}:ping:${randomUUID()}`, webhookId, recipient: receiverOf(url) },
            ...{ projectId: null, runId: null, batchId: null },
            event: { type: "ping", timestamp: new Date().toISOString(), data: { client } },
          },
        ]);
        await recordAudit(tx, auditOfWebhook(request, "webhook.ping", row, { delivery: made!.messageId }));
        return made!;
      });
      await publisher.messages([ref]);
      reply.status(202);
      return await deliveryOf(request, ref.messageId);
    },
  );

  app.get(
    "/v1/webhooks/:id/deliveries",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a webhook's deliveries",
        description: "Newest first. They are kept for 30 days after they ended.",
        params: byId,
        querystring: webhookDeliveryQuerySchema,
        response: { 200: webhookDeliveryPageSchema.describe("One page"), ...errors(404) },
      },
    },
    async (request) => {
      const { cursor, limit, state } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const { id: webhookId } = await webhookOf(database, request, request.params.id);
      const filter = { webhookId, state: state === undefined ? null : MESSAGE_STATES[state], beforeId };
      const rows = await listWebhookDeliveries(database, { ...filter, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, ({ id }) => id);
      return { deliveries: page.map(deliveryView), next };
    },
  );

  app.get(
    "/v1/deliveries/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a delivery",
        description: "With what is sent, and every attempt that is kept.",
        params: byId,
        response: { 200: webhookDeliveryDetailSchema, ...errors(404) },
      },
    },
    async (request) => await deliveryOf(request, request.params.id),
  );

  app.post(
    "/v1/deliveries/:id/resend",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Send a delivery again",
        description:
          "At once, and over days if that fails, whether it was delivered, failed or waits. `webhook-id` stays the same, so a " +
          "receiver that keeps count of what it has had knows it.",
        params: byId,
        response: { 202: webhookDeliveryDetailSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const ref = await transaction(database, async (tx) => {
        const { webhookId, enabled } = await rowOf(request, id);
        assertEnabled(webhookId, enabled);
        const row = await webhookOf(tx, request, webhookId);
        const resent = await resendMessage(tx, id);
        if (resent === undefined) {
          throw new Refusal(409, "delivery_under_way", `Delivery ${id} is being sent. Look at what comes of it first.`);
        }
        await recordAudit(tx, auditOfWebhook(request, "webhook.resend", row, { delivery: id }));
        return resent;
      });
      await publisher.messages([ref]);
      reply.status(202);
      return await deliveryOf(request, id);
    },
  );

  async function rowOf(request: FastifyRequest, messageId: number) {
    const found = await findWebhookDelivery(database, { messageId, scope: callerOf(request).scope });
    if (found !== undefined) return found;
    throw notFound(
      "delivery_not_found",
      `There is no delivery ${messageId}. GET /v1/webhooks/:id/deliveries lists a webhook's.`,
    );
  }

  async function deliveryOf(request: FastifyRequest, messageId: number): Promise<WebhookDeliveryDetail> {
    const row = await rowOf(request, messageId);
    return { ...deliveryView(row), body: row.body, log: row.log.map(attemptView) };
  }
}

function assertEnabled(webhookId: number, enabled: boolean): void {
  if (enabled) return;
  throw new Refusal(409, "webhook_disabled", `Webhook ${webhookId} is disabled. Enable it, then send again.`);
}
