import type { Blobs } from "@inlet/blobs";
import { Unavailable } from "@inlet/contracts";
import type { PlayerFiles } from "@inlet/player/files";
import type { Logger } from "@inlet/runtime";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { AssetFiles } from "./asset-files.ts";
import type { LandingEnv } from "./env.ts";
import type { LinkEvents } from "./events/link-events.ts";
import type { FitRow } from "./links/link-film.ts";
import type { OpenLink } from "./links/open-link.ts";
import type { Metrics } from "./metrics.ts";
import { addAssetsRoute } from "./routes/assets.ts";
import { addEventsRoute } from "./routes/events.ts";
import { addIconRoute } from "./routes/icon.ts";
import { sendBusy, sendNotFound } from "./routes/notices.ts";
import { addPageRoute } from "./routes/page.ts";
import { addPlayerFilesRoute } from "./routes/player-files.ts";
import { addThumbnailRoute } from "./routes/thumbnail.ts";
import { addVideoRoute } from "./routes/video.ts";
import type { ThumbnailOf } from "./thumbnail/thumbnails.ts";
import type { Videos } from "./video/videos.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a route is counted as. */
    kind?: "page" | "thumbnail" | "event" | "asset" | "player" | "icon" | "video";
  }
}

export interface LandingParts {
  openLink: OpenLink;
  thumbnailOf: ThumbnailOf;
  /** Told of a rehearsal's link that was opened. */
  rehearsed: (batchId: number) => void;
  /** Told of whatever is fetched, and of what pages tell. */
  events: LinkEvents;
  /** The files that storyboards show, and where they are. */
  assetFiles: AssetFiles;
  blobs: Blobs;
  player: PlayerFiles;
  videos: Videos;
  /** What can be drawn of a row, for videos. */
  drawable: FitRow;
  metrics: Metrics;
  logger: Logger;
}

type ServerEnv = Pick<LandingEnv, "HOST" | "LANDING_PORT" | "LANDING_URL" | "TRUST_PROXY">;

/** A public server: what it does not know it does not wait for. All in milliseconds, bytes, or pieces. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 30_000,
  maxRequestsPerSocket: 1_000,
  maxConnections: 10_000,
  maxHeaderSize: 16 * 1024,
  /** No request has a body. */
  bodyLimit: 1024,
  maxParamLength: 100,
};

/** Serves pages with what they show, and nothing else. Resolves when it listens. */
export async function serveLanding(parts: LandingParts, env: ServerEnv): Promise<{ close(): Promise<void> }> {
  const app = buildLanding(parts, env);
  await app.listen({ host: env.HOST, port: env.LANDING_PORT });
  return { close: () => app.close() };
}

/** The server, not listening yet. */
export function buildLanding(parts: LandingParts, env: ServerEnv): FastifyInstance {
  const { logger, metrics } = parts;
  const headers = commonHeaders(env.LANDING_URL.startsWith("https:"));
  const app = fastify({
    // Its own log lines hold addresses with tokens: whoever reads the log could open them.
    logger: false,
    trustProxy: env.TRUST_PROXY.split(",").map((entry) => entry.trim()),
    requestTimeout: LIMITS.requestTimeout,
    keepAliveTimeout: LIMITS.keepAliveTimeout,
    maxRequestsPerSocket: LIMITS.maxRequestsPerSocket,
    bodyLimit: LIMITS.bodyLimit,
    routerOptions: { maxParamLength: LIMITS.maxParamLength },
    http: {
      maxHeaderSize: LIMITS.maxHeaderSize,
      headersTimeout: LIMITS.headersTimeout,
      connectionsCheckingInterval: LIMITS.connectionsCheckingInterval,
    },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    // A path that is none never comes to the hooks.
    frameworkErrors: (_error, _request, reply) => sendNotFound((reply as unknown as FastifyReply).headers(headers)),
  });
  app.server.maxConnections = LIMITS.maxConnections;
  app.removeAllContentTypeParsers();
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  addPageRoute(app, parts);
  addThumbnailRoute(app, parts);
  addVideoRoute(app, parts);
  addAssetsRoute(app, parts);
  addPlayerFilesRoute(app, parts);
  addIconRoute(app);
  addEventsRoute(app, parts);
  app.setNotFoundHandler((_request, reply) => sendNotFound(reply));
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    if (error instanceof Unavailable) {
      logger.debug({ code: error.code }, "could not answer now");
      return sendBusy(reply, error.code === "too_many_misses" ? 429 : 503);
    }
    // A request that makes no sense (a body of a type, a length) is one for something that is not here.
    if (error.statusCode !== undefined && error.statusCode < 500) return sendNotFound(reply);
    logger.error({ err: error, kind: kindOf(request) }, "could not answer");
    return sendBusy(reply, 500);
  });
  app.addHook("onResponse", (request, reply, done) => {
    metrics.answered(kindOf(request), reply.statusCode, reply.elapsedTime);
    logger.debug({ kind: kindOf(request), status: reply.statusCode, durationMs: reply.elapsedTime }, "answered");
    done();
  });
  return app;
}

/** For every answer, whatever it is. */
function commonHeaders(https: boolean): Record<string, string> {
  return {
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    ...(https ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

function kindOf(request: FastifyRequest): string {
  return request.routeOptions.config?.kind ?? "other";
}
