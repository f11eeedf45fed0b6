import {
  pageQuerySchema,
  reconciliationPageSchema,
  reconciliationRequestSchema,
  subscriptionPathSchema,
} from "@inlet/contracts";
import { askForReconciliation, listReconciliations, recordAudit, transaction } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { livingSubscriptionOf, namesOf, subscriptionOf } from "./subscription-routes.ts";
import { reconciliationView } from "./subscription-view.ts";

const tags = ["Catalog sync"];
const params = subscriptionPathSchema;

/** Comparisons of a catalog with what an outside system has. */
export function reconciliationRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/subscriptions/:subscription/reconciliations",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List comparisons of both sides",
        description: "Newest first, with what each found and mended.",
        params,
        querystring: pageQuerySchema,
        response: { 200: reconciliationPageSchema.describe("One page"), ...errors(404) },
      },
    },
    async (request) => {
      const { id } = await subscriptionOf(database, request, request.params.subscription);
      return await pageFor(request, id, request.query);
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/reconciliations",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Compare both sides now",
        description:
          "Every item by its key and its mapped fields. One that is under way already is the answer, not a second.",
        params,
        body: reconciliationRequestSchema,
        response: { 202: reconciliationPageSchema.describe("It, and those before it"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { mend } = request.body;
      const id = await transaction(database, async (tx) => {
        const row = await livingSubscriptionOf(tx, request, request.params.subscription);
        const reconciliation = await askForReconciliation(tx, {
          subscriptionId: row.id,
          mend,
          actor: callerOf(request).name,
        });
        const detail = { ...namesOf(row), reconciliation, mend };
        await recordAudit(tx, auditOf(request, "subscription.reconcile", { detail }));
        return row.id;
      });
      reply.status(202);
      return await pageFor(request, id, { limit: 20 });
    },
  );

  async function pageFor(
    request: FastifyRequest,
    subscriptionId: number,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ) {
    const beforeId = decodeCursor(cursor) ?? null;
    const rows = await listReconciliations(database, { subscriptionId, beforeId, limit: limit + 1 });
    const { page, next } = pageOf(rows, limit, ({ id }) => id);
    const forClient = callerOf(request).scope !== null;
    return { reconciliations: page.map((row) => reconciliationView(row, { forClient })), next };
  }
}
