import { randomUUID } from "node:crypto";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { accountRoutes } from "./accounts/account-routes.ts";
import { logRoutes } from "./activity/log-routes.ts";
import { rerunRoutes } from "./activity/rerun-routes.ts";
import { viewRoutes } from "./activity/view-routes.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { artifactRoutes } from "./batches/artifact-routes.ts";
import { batchActionRoutes } from "./batches/batch-action-routes.ts";
import { batchRoutes } from "./batches/batch-routes.ts";
import { catalogRoutes } from "./catalogs/catalog-routes.ts";
import { itemRoutes } from "./catalogs/item-routes.ts";
import { itemWriteRoutes } from "./catalogs/item-write-routes.ts";
import { consolePage, registerConsole } from "./console/console-routes.ts";
import { draftContentRoutes } from "./drafts/content-routes.ts";
import { draftRoutes } from "./drafts/draft-routes.ts";
import { forgettingRoutes } from "./forgetting/forgetting-routes.ts";
import { linkRevocationRoutes } from "./forgetting/link-revocation-routes.ts";
import { registerIdentity } from "./identity/identity.ts";
import { eventRoutes } from "./live/event-routes.ts";
import { documentApi } from "./openapi/openapi.ts";
import { connectionRoutes } from "./operation/connection-routes.ts";
import { healthRoutes } from "./operation/health-routes.ts";
import { messageRoutes } from "./operation/message-routes.ts";
import { operationsRoutes } from "./operation/operations-routes.ts";
import { outboxRoutes } from "./operation/outbox-routes.ts";
import { guardQueueBoard, registerQueueBoard } from "./operation/queue-board.ts";
import { pgpKeyRoutes } from "./pgp-keys/pgp-key-routes.ts";
import { profileRoutes } from "./projects/profile-routes.ts";
import { projectRoutes } from "./projects/project-routes.ts";
import { secretRoutes } from "./projects/secret-routes.ts";
import { pullRoutes } from "./pulls/pull-routes.ts";
import { rehearsalRoutes } from "./rehearsal/rehearsal-routes.ts";
import { tagAnswers } from "./requests/entity-tags.ts";
import { answerOf, PROBLEM_TYPE } from "./requests/errors.ts";
import { keepIdempotent } from "./requests/idempotency.ts";
import { readJsonBodies } from "./requests/json-bodies.ts";
import { answerStrays } from "./requests/methods.ts";
import { countRequests, openRateLimits } from "./requests/rate-limits.ts";
import { logRequests } from "./requests/request-log.ts";
import { validatorCompiler } from "./requests/request-validation.ts";
import { setSecurityHeaders } from "./requests/security-headers.ts";
import { endUnaskedConnections } from "./requests/unasked-connections.ts";
import { answerMisdirected, answerUnreadable } from "./requests/unreadable.ts";
import { resultRoutes } from "./results/result-routes.ts";
import type { ApiParts } from "./route-host.ts";
import { runRoutes } from "./runs/run-routes.ts";
import { scheduleRoutes } from "./runs/schedule-routes.ts";
import { assetRoutes } from "./storyboards/asset-routes.ts";
import { assetUploadRoutes } from "./storyboards/asset-upload-routes.ts";
import { filmRoutes } from "./storyboards/film-routes.ts";
import { readyRoutes } from "./storyboards/ready-routes.ts";
import { storyboardDraftRoutes } from "./storyboards/storyboard-draft-routes.ts";
import { storyboardVersionRoutes } from "./storyboards/storyboard-version-routes.ts";
import { letterRoutes } from "./subscriptions/letter-routes.ts";
import { reconciliationRoutes } from "./subscriptions/reconciliation-routes.ts";
import { subscriptionRoutes } from "./subscriptions/subscription-routes.ts";
import { tableRoutes } from "./tables/table-routes.ts";
import { uploadRoutes } from "./uploads/upload-routes.ts";
import { deliveryRoutes } from "./webhooks/delivery-routes.ts";
import { webhookRoutes } from "./webhooks/webhook-routes.ts";

/** A JSON body at most; a profile with 200 tables has about half of it. */
const BODY_BYTES = 4 * 1024 * 1024;
/** The longest part of an address, as it is written there: an item's key, each byte of which may take three. */
const MOST_PARAMETER = 6_000;
/** A socket on which nothing moves is closed. An upload may take as long as it moves. */
const SILENT_SOCKET_MS = 120_000;

/** The fastify instance with every route. */
export type App = Awaited<ReturnType<typeof buildApp>>;

/** Builds the API; it does not listen yet. */
export async function buildApp(parts: ApiParts) {
  const app = fastify({
    loggerInstance: parts.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: () => randomUUID(),
    trustProxy: parts.env.API_TRUSTED_PROXIES ?? false,
    bodyLimit: BODY_BYTES,
    connectionTimeout: SILENT_SOCKET_MS,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerMisdirected,
    routerOptions: { maxParamLength: MOST_PARAMETER },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  endUnaskedConnections(app);
  logRequests(app, parts.metrics);
  setSecurityHeaders(app);
  const limits = await openRateLimits(app, parts.env.API_REQUESTS_PER_MINUTE);
  app.setErrorHandler(async (error, request, reply) => {
    const thrown = await limits.judged(error, request, reply);
    const answer = answerOf(thrown, request.id);
    if (answer.log !== undefined) request.log[answer.log]({ err: thrown, requestId: request.id }, "request failed");
    if (answer.retryAfterSeconds !== undefined) reply.header("retry-after", answer.retryAfterSeconds);
    if (answer.status === 401) reply.header("www-authenticate", 'Bearer realm="inlet"');
    return reply.status(answer.status).header("content-type", PROBLEM_TYPE).send(answer.body);
  });
  answerStrays(app, consolePage(parts));
  readJsonBodies(app);
  guardQueueBoard(app as never);
  const identity = await registerIdentity(app, parts);
  countRequests(app, limits);
  keepIdempotent(app, { database: parts.database, key: parts.env.INLET_KEY, logger: parts.logger });
  tagAnswers(app);
  await documentApi(app);

  for (const routes of [
    batchRoutes,
    artifactRoutes,
    batchActionRoutes,
    linkRevocationRoutes,
    forgettingRoutes,
    rerunRoutes,
    logRoutes,
    viewRoutes,
    eventRoutes,
    resultRoutes,
    runRoutes,
    scheduleRoutes,
    pullRoutes,
    projectRoutes,
    profileRoutes,
    rehearsalRoutes,
    draftRoutes,
    pgpKeyRoutes,
    accountRoutes,
    secretRoutes,
    tableRoutes,
    outboxRoutes,
    messageRoutes,
    operationsRoutes,
    connectionRoutes,
    auditRoutes,
    storyboardDraftRoutes,
    storyboardVersionRoutes,
    filmRoutes,
    readyRoutes,
    assetRoutes,
    catalogRoutes,
    itemRoutes,
    itemWriteRoutes,
    subscriptionRoutes,
    letterRoutes,
    reconciliationRoutes,
    webhookRoutes,
    deliveryRoutes,
    healthRoutes,
  ]) {
    routes(app, parts);
  }
  identity.routes();
  await registerQueueBoard(app as never, parts);
  await registerConsole(app as never, parts);
  await app.register((scope, _options, done) => {
    uploadRoutes(scope, parts);
    draftContentRoutes(scope, parts);
    assetUploadRoutes(scope, parts);
    done();
  });
  return app;
}
