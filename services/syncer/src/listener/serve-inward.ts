import rateLimit from "@fastify/rate-limit";
import type { Database } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { OpenSubscriptions } from "@inlet/sync";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type Received, receiveEvent } from "./receive-event.ts";
import { openSubscriptionBook } from "./subscription-book.ts";
import { openTurnedAway } from "./turned-away.ts";

/** Where the figures of the public listener go. */
export interface ListenerFigures {
  answered(status: number, durationMs: number): void;
}

export interface ListenerOptions {
  database: Database;
  /** The key-encryption key. */
  key: Buffer;
  subscriptions: OpenSubscriptions;
  /** Told after an event was stored. */
  stored(): void;
  host: string;
  port: number;
  /** A longer request is refused. */
  bodyBytes: number;
  /** Of one address. */
  requestsPerMinute: number;
  /** As fastify takes it: names, addresses and CIDR ranges. */
  trustProxy: string;
  figures: ListenerFigures;
  logger: Logger;
}

/** A public server: what it does not know it does not wait for. All in milliseconds, bytes, or pieces. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 30_000,
  maxRequestsPerSocket: 10_000,
  maxConnections: 5_000,
  maxHeaderSize: 16 * 1024,
  maxParamLength: 100,
};
const RETRY_AFTER_SECONDS = 5;

/** Takes other systems' webhooks, and nothing else. Resolves when it listens. */
export async function serveInward(options: ListenerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const turnedAway = openTurnedAway(options.database, options.logger);
  const app = await buildListener(options, turnedAway.note);
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async close() {
      await app.close();
      await turnedAway.close();
    },
  };
}

async function buildListener(
  options: ListenerOptions,
  noteTurnedAway: (subscriptionId: number, reason: string) => void,
): Promise<FastifyInstance> {
  const { database, figures, logger } = options;
  const find = openSubscriptionBook(database);
  const app = fastify({
    // Addresses and bodies are others' data.
    logger: false,
    trustProxy: options.trustProxy.split(",").map((entry) => entry.trim()),
    requestTimeout: LIMITS.requestTimeout,
    keepAliveTimeout: LIMITS.keepAliveTimeout,
    maxRequestsPerSocket: LIMITS.maxRequestsPerSocket,
    bodyLimit: options.bodyBytes,
    routerOptions: { maxParamLength: LIMITS.maxParamLength },
    http: {
      maxHeaderSize: LIMITS.maxHeaderSize,
      headersTimeout: LIMITS.headersTimeout,
      connectionsCheckingInterval: LIMITS.connectionsCheckingInterval,
    },
    forceCloseConnections: "idle",
    return503OnClosing: true,
    // A path that is none never comes to the hooks.
    frameworkErrors: (_error, _request, reply) => notFound(reply as unknown as FastifyReply),
  });
  app.server.maxConnections = LIMITS.maxConnections;
  // Signatures are over the bytes: whatever the type is said to be, nothing is read here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
  });
  app.addHook("onResponse", async (_request, reply) => figures.answered(reply.statusCode, reply.elapsedTime));
  await app.register(rateLimit, { global: true, max: options.requestsPerMinute, timeWindow: 60_000, cache: 20_000 });

  app.post<{ Params: { client: string; project: string; subscription: string } }>(
    "/in/:client/:project/:subscription",
    async (request, reply) => {
      const { client, project, subscription: name } = request.params;
      const receivedAt = new Date();
      const subscription = await find({ client, project, name });
      if (subscription === undefined) return notFound(reply);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const received = await receiveEvent(options, subscription, { headers: headersOf(request), body, receivedAt });
      const facts = { client, project, name };
      if (received.outcome === "turned away") noteTurnedAway(subscription.id, received.reason);
      if (received.outcome === "later")
        logger.warn({ ...facts, err: received.error }, "could not take a webhook in now");
      if (received.outcome === "stored") options.stored();
      return answer(reply, received);
    },
  );
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 503;
    if (status >= 500) {
      logger.warn({ err: error }, "could not answer a webhook");
      return later(reply);
    }
    if (status === 413)
      return reply.code(413).send({ error: `At most ${options.bodyBytes} bytes are taken in one request.` });
    if (status === 429) return reply.code(429).send({ error: "Too many requests. Try again later." });
    return reply.code(400).send({ error: "This is no request that could be read." });
  });
  return app;
}

function headersOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

function answer(reply: FastifyReply, received: Received): FastifyReply {
  switch (received.outcome) {
    case "stored":
    case "repeated":
      return reply.code(200).send({ received: true });
    case "turned away":
      // Why, the console says: who guesses learns nothing.
      return reply.code(401).send({ error: "The request was not let in: its signature or its time is not right." });
    case "later":
      return later(reply);
  }
}

/** For all that is not here, whatever it was. */
const notFound = (reply: FastifyReply): FastifyReply => reply.code(404).send({ error: "There is nothing here." });

const later = (reply: FastifyReply): FastifyReply =>
  reply.code(503).header("retry-after", RETRY_AFTER_SECONDS).send({ error: "Try again in a moment." });
