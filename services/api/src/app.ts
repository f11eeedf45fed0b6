import { randomUUID } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { guardRoutes } from "./access.ts";
import { accountRoutes } from "./accounts/account-routes.ts";
import { artifactRoutes } from "./batches/artifact-routes.ts";
import { batchActionRoutes } from "./batches/batch-action-routes.ts";
import { batchRoutes } from "./batches/batch-routes.ts";
import { documentApi } from "./openapi/openapi.ts";
import { healthRoutes } from "./operation/health-routes.ts";
import { outboxRoutes } from "./operation/outbox-routes.ts";
import { pgpKeyRoutes } from "./pgp-keys/pgp-key-routes.ts";
import { projectRoutes } from "./projects/project-routes.ts";
import { secretRoutes } from "./projects/secret-routes.ts";
import { rehearsalRoutes } from "./rehearsal/rehearsal-routes.ts";
import { answerOf, PROBLEM_TYPE, Refusal } from "./requests/errors.ts";
import { logRequests } from "./requests/request-log.ts";
import { validatorCompiler } from "./requests/request-validation.ts";
import { setSecurityHeaders } from "./requests/security-headers.ts";
import type { ApiParts } from "./route-host.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { runRoutes } from "./runs/run-routes.ts";
import { uploadRoutes } from "./uploads/upload-routes.ts";

/** A JSON body at most; a profile with 200 tables has about half of it. */
const BODY_BYTES = 4 * 1024 * 1024;
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
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  logRequests(app, parts.metrics);
  setSecurityHeaders(app);
  app.setErrorHandler((thrown, request, reply) => {
    const answer = answerOf(thrown, request.id);
    if (answer.log !== undefined) request.log[answer.log]({ err: thrown, requestId: request.id }, "request failed");
    if (answer.retryAfterSeconds !== undefined) reply.header("retry-after", answer.retryAfterSeconds);
    if (answer.status === 401) reply.header("www-authenticate", 'Bearer realm="inlet"');
    return reply.status(answer.status).header("content-type", PROBLEM_TYPE).send(answer.body);
  });
  app.setNotFoundHandler((request) => {
    throw new Refusal(404, "no_such_route", `There is no ${request.method} ${request.url.split("?")[0]}. See /docs.`);
  });
  await limitRequests(app, parts.env.API_REQUESTS_PER_MINUTE);
  // A body that was left out is an empty one: what is missing in it is named.
  app.addHook("preValidation", async (request) => {
    if (request.body === null || request.body === undefined) request.body = {};
  });
  guardRoutes(app, parts.database);
  await documentApi(app);

  for (const routes of [
    batchRoutes,
    artifactRoutes,
    batchActionRoutes,
    runRoutes,
    projectRoutes,
    rehearsalRoutes,
    pgpKeyRoutes,
    accountRoutes,
    secretRoutes,
    outboxRoutes,
    apiKeyRoutes,
    healthRoutes,
  ]) {
    routes(app, parts);
  }
  await app.register((scope, _options, done) => {
    uploadRoutes(scope, parts);
    done();
  });
  return app;
}

async function limitRequests(
  app: { register: App["register"]; createRateLimit: App["createRateLimit"]; addHook: App["addHook"] },
  perMinute: number,
): Promise<void> {
  await app.register(rateLimit, { global: false });
  const check = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  app.addHook("onRequest", async (request, reply) => {
    const result = await check(request);
    if (result.isAllowed || !result.isExceeded) return;
    reply.header("retry-after", result.ttlInSeconds);
    throw new Refusal(
      429,
      "too_many_requests",
      `More than ${perMinute} requests in a minute. Go on in ${result.ttlInSeconds} s, and more slowly.`,
    );
  });
}
