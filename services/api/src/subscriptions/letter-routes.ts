import {
  dismissalSchema,
  idParamSchema,
  retriedLettersSchema,
  subscriptionPathSchema,
  syncLetterPageSchema,
  syncLetterQuerySchema,
} from "@inlet/contracts";
import { dismissLetter, listLetters, recordAudit, retryLetters, transaction } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { livingSubscriptionOf, namesOf, subscriptionOf } from "./subscription-routes.ts";
import { letterView } from "./subscription-view.ts";

const tags = ["Catalog sync"];
const params = subscriptionPathSchema;
const letterParams = subscriptionPathSchema.extend({ letter: idParamSchema });

/** Items that one side did not take of the other: tried again by themselves, or given up until a person says what to do. */
export function letterRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/subscriptions/:subscription/letters",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List what was not taken",
        description:
          "Newest first: items that the other system refused (`out`), and items of its that our check refused (`in`).",
        params,
        querystring: syncLetterQuerySchema,
        response: { 200: syncLetterPageSchema.describe("One page"), ...errors(404) },
      },
    },
    async (request) => {
      const { cursor, limit, state = null, direction = null } = request.query;
      const beforeId = decodeCursor(cursor) ?? null;
      const { id: subscriptionId } = await subscriptionOf(database, request, request.params.subscription);
      const filter = { subscriptionId, state, direction, beforeId, limit: limit + 1 };
      const { page, next } = pageOf(await listLetters(database, filter), limit, ({ id }) => id);
      const forClient = callerOf(request).scope !== null;
      return { letters: page.map((row) => letterView(row, subscriptionId, { forClient })), next };
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/letters/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Try all dead letters again",
        params,
        response: { 200: retriedLettersSchema, ...errors(404, 409) },
      },
    },
    async (request) => await retry(request, null),
  );

  app.post(
    "/v1/subscriptions/:subscription/letters/:letter/retry",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Try a letter again",
        description:
          "At once, with all its attempts. An item on its way out goes on from the change at which it stopped.",
        params: letterParams,
        response: { 200: retriedLettersSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { letter } = request.params;
      const answer = await retry(request, [letter]);
      if (answer.retried === 0) throw settled(letter);
      return answer;
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/letters/:letter/dismiss",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Dismiss a letter",
        description: "What it is about is left as it is; the item's next change is sent as ever.",
        params: letterParams,
        body: dismissalSchema,
        response: { 200: retriedLettersSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { letter: id } = request.params;
      const { reason } = request.body;
      await transaction(database, async (tx) => {
        const row = await subscriptionOf(tx, request, request.params.subscription);
        const actor = callerOf(request).name;
        if (!(await dismissLetter(tx, { subscriptionId: row.id, id, actor, reason }))) throw settled(id);
        await recordAudit(tx, auditOf(request, "letter.dismiss", { detail: { ...namesOf(row), letter: id, reason } }));
      });
      return { retried: 0 };
    },
  );

  async function retry(
    request: FastifyRequest<{ Params: { subscription: number } }>,
    ids: readonly number[] | null,
  ): Promise<{ retried: number }> {
    return await transaction(database, async (tx) => {
      const row = await livingSubscriptionOf(tx, request, request.params.subscription);
      const retried = await retryLetters(tx, { subscriptionId: row.id, ids });
      if (retried > 0) {
        const detail = { ...namesOf(row), letters: ids ?? "all", retried };
        await recordAudit(tx, auditOf(request, "letter.retry", { detail }));
      }
      return { retried };
    });
  }
}

const settled = (letter: number) =>
  new Refusal(
    409,
    "letter_settled",
    `Letter ${letter} does not wait for anybody: it was taken, dismissed, or never was one of this subscription's. List them again.`,
  );
