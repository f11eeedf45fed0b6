import {
  backfillRequestSchema,
  pollRequestSchema,
  replayRequestSchema,
  slugSchema,
  subscriptionDetailSchema,
  subscriptionListSchema,
  subscriptionPathSchema,
  subscriptionViewSchema,
} from "@inlet/contracts";
import {
  backfillSubscription,
  type Database,
  type Executor,
  findInwardState,
  listSubscriptions,
  pauseSubscription,
  pollNow,
  recordAudit,
  replaySubscription,
  resumeSubscription,
  type SubscriptionView,
  type Tx,
  transaction,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import type { OperationEnv } from "../operation/operation-env.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { incomingView, subscriptionView } from "./subscription-view.ts";

const tags = ["Catalog sync"];
const params = subscriptionPathSchema;
const answer = { response: { 200: subscriptionViewSchema, ...errors(404, 409) } };

/** Outside systems that catalogs are kept in step with: how far each is, and what a person may do about it. */
export function subscriptionRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.get(
    "/v1/subscriptions",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List subscriptions",
        description: "In the order in which they were made. Those that ended only with `ended=true`.",
        querystring: z.object({
          client: slugSchema.optional(),
          project: slugSchema.optional(),
          ended: z.stringbool().default(false).describe("Those that ended as well"),
        }),
        response: { 200: subscriptionListSchema, ...errors() },
      },
    },
    async (request) => {
      const { client = null, project = null, ended } = request.query;
      const { scope } = callerOf(request);
      const rows = await listSubscriptions(database, { scope, client, project, withEnded: ended });
      return { subscriptions: rows.map((row) => viewFor(request, row, env)) };
    },
  );

  app.get(
    "/v1/subscriptions/:subscription",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a subscription",
        description: "With what comes from the other system.",
        params,
        response: { 200: subscriptionDetailSchema, ...errors(404) },
      },
    },
    async (request) => {
      const row = await subscriptionOf(database, request, request.params.subscription);
      const incoming = await findInwardState(database, row.id);
      return { ...viewFor(request, row, env), incoming: incoming === undefined ? null : incomingView(incoming) };
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/pause",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Pause a subscription",
        description: "Nothing goes there or comes from there until it is resumed; nothing is lost meanwhile.",
        ...{ params, ...answer },
      },
    },
    async (request) =>
      await act(request, "subscription.pause", {}, (tx, { id }) =>
        pauseSubscription(tx, { id, actor: callerOf(request).name }),
      ),
  );

  app.post(
    "/v1/subscriptions/:subscription/resume",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Resume a subscription",
        description: "It goes on where it stopped; one that waits after a failure is tried at once.",
        ...{ params, ...answer },
      },
    },
    async (request) => await act(request, "subscription.resume", {}, (tx, { id }) => resumeSubscription(tx, id)),
  );

  app.post(
    "/v1/subscriptions/:subscription/backfill",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Send everything once more",
        description:
          "Every item as it is now, in the order of the keys; changes that are made meanwhile follow. What the other system is " +
          "known to have is left out unless `all` is set.",
        body: backfillRequestSchema,
        ...{ params, ...answer },
      },
    },
    async (request) => {
      const { all } = request.body;
      return await act(request, "subscription.backfill", { all }, (tx, { id }) =>
        backfillSubscription(tx, { id, which: all ? "all" : "changed" }),
      );
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/replay",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Send the changes since a time once more",
        description: "In their order, before what comes after them; as far back as the catalog's history goes.",
        body: replayRequestSchema,
        ...{ params, ...answer },
      },
    },
    async (request) => {
      const { since } = request.body;
      return await act(request, "subscription.replay", { since }, (tx, { id }) =>
        replaySubscription(tx, { id, since: new Date(since) }),
      );
    },
  );

  app.post(
    "/v1/subscriptions/:subscription/poll",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Ask the other system now",
        description: "For one whose changes are polled.",
        body: pollRequestSchema,
        params,
        response: { 200: subscriptionViewSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { fromStart } = request.body;
      return await act(request, "subscription.poll", { fromStart }, async (tx, { id, name, definition }) => {
        if (definition.inward?.by !== "poll")
          throw new Refusal(409, "not_polled", `Nothing is polled from ${name}: its profile does not say so.`);
        await pollNow(tx, { subscriptionId: id, fromStart });
        return true;
      });
    },
  );

  /** Does something to a subscription that has not ended, notes it, and tells how it stands then. */
  async function act(
    request: FastifyRequest<{ Params: { subscription: number } }>,
    action: string,
    detail: object,
    work: (tx: Tx, row: SubscriptionView) => Promise<boolean>,
  ) {
    const id = request.params.subscription;
    const row = await transaction(database, async (tx) => {
      const found = await livingSubscriptionOf(tx, request, id);
      if (!(await work(tx, found))) throw hasEnded(found);
      await recordAudit(tx, auditOf(request, action, { detail: { ...namesOf(found), ...detail } }));
      return await subscriptionOf(tx, request, id);
    });
    return viewFor(request, row, env);
  }
}

/** A subscription that the caller may see. @throws Refusal 404 */
export async function subscriptionOf(
  executor: Executor | Database,
  request: FastifyRequest,
  id: number,
): Promise<SubscriptionView> {
  const [row] = await listSubscriptions(executor, { scope: callerOf(request).scope, id, withEnded: true });
  if (row === undefined) throw notThere(id);
  return row;
}

/** One that something can be done with. @throws Refusal 404; 409 `subscription_ended` */
export async function livingSubscriptionOf(tx: Tx, request: FastifyRequest, id: number): Promise<SubscriptionView> {
  const row = await subscriptionOf(tx, request, id);
  if (row.endedAt !== null) throw hasEnded(row);
  return row;
}

/** For the audit. */
export const namesOf = ({ id, client, project, name }: SubscriptionView) => ({
  ...{ subscription: id, client, project, name },
});

const viewFor = (request: FastifyRequest, row: SubscriptionView, { INWARD_URL }: OperationEnv) =>
  subscriptionView(row, { forClient: callerOf(request).scope !== null, inwardUrl: INWARD_URL });

const hasEnded = ({ name, table }: SubscriptionView) =>
  new Refusal(
    409,
    "subscription_ended",
    `${name} has ended: the profile does not name it for catalog ${table} any more. Name it there again, and it goes on.`,
  );

const notThere = (id: number) =>
  notFound(
    "subscription_not_found",
    `There is no subscription ${id}. GET /v1/subscriptions lists those that you may see.`,
  );
