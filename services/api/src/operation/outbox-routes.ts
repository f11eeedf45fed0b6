import { messagePageSchema, messageQuerySchema, queueListSchema } from "@inlet/contracts";
import { listMessages } from "@inlet/database";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { within } from "../requests/within.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { listedMessage } from "../views.ts";

const tags = ["Operation"];
const DEPTHS_TIMEOUT_MS = 3_000;

/** What waits to go out, and what waits to be worked on. */
export function outboxRoutes(app: RouteHost, { database, publisher }: ApiParts): void {
  app.get(
    "/v1/messages",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List messages",
        description: "Newest first; those that failed for good unless another state is asked for.",
        querystring: messageQuerySchema,
        response: { 200: messagePageSchema.describe("One page"), ...errors() },
      },
    },
    async (request) => {
      const { cursor, limit, state } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const rows = await listMessages(database, { scope: callerOf(request).scope, state, beforeId, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, (row) => row.message.id);
      return { messages: page.map(listedMessage), next };
    },
  );

  app.get(
    "/v1/queues",
    {
      config: { access: "oversee" },
      schema: {
        tags,
        summary: "Show how deep the queues are",
        response: { 200: queueListSchema, ...errors() },
      },
    },
    async () => ({ queues: await within(DEPTHS_TIMEOUT_MS, publisher.depths()) }),
  );
}
