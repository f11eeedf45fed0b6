import { idParamSchema, retriedMessageSchema, retriedMessagesSchema, retryMessagesSchema } from "@inlet/contracts";
import {
  countDeadLetters,
  type DeadLetterFilter,
  findMessageState,
  type MessageRef,
  recordAudit,
  reviveMessages,
  transaction,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

const tags = ["Operation"];

/** Dead letters: what could not be sent is sent again. */
export function messageRoutes(app: RouteHost, { database, publisher }: ApiParts): void {
  app.post(
    "/v1/messages/:id/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Send a dead letter again",
        description: "A message that failed for good is due again, as if it had never been tried.",
        params: z.object({ id: idParamSchema }),
        response: { 200: retriedMessageSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { scope } = callerOf(request);
      const revived = await revive(request, { scope, ids: [id] }, { limit: 1, path: `message/${id}` });
      if (revived.length > 0) return { id, state: "ready" as const };
      const state = await findMessageState(database, { messageId: id, scope });
      if (state === undefined) {
        throw notFound(
          "message_not_found",
          `There is no message ${id}. GET /v1/messages lists those that you may see.`,
        );
      }
      const words = state === "sent" ? "was sent" : "is under way";
      throw new Refusal(409, "message_not_failed", `Message ${id} ${words}; only one that failed can be sent again.`);
    },
  );

  app.post(
    "/v1/messages/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Send many dead letters again",
        description: "Those named, or all that fit, oldest first, at most 1,000 at once; `left` says how many remain.",
        body: retryMessagesSchema,
        response: { 200: retriedMessagesSchema, ...errors() },
      },
    },
    async (request) => {
      const { limit, ...asked } = request.body;
      const filter = { ...asked, scope: callerOf(request).scope };
      const revived = await revive(request, filter, { limit, path: "message" });
      return { retried: revived.length, left: await countDeadLetters(database, filter) };
    },
  );

  async function revive(
    request: FastifyRequest,
    filter: DeadLetterFilter,
    { limit, path }: { limit: number; path: string },
  ): Promise<MessageRef[]> {
    const revived = await transaction(database, async (tx) => {
      const messages = await reviveMessages(tx, filter, { limit });
      if (messages.length > 0) {
        const { ids: _, scope: __, ...conditions } = filter;
        const detail = { ...conditions, messages: messages.map(({ messageId }) => messageId) };
        await recordAudit(tx, auditOf(request, "message.retry", { path, detail }));
      }
      return messages;
    });
    await publisher.messages(revived);
    return revived;
  }
}
