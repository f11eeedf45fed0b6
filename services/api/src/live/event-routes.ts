import { randomBytes } from "node:crypto";
import { changeQuerySchema } from "@inlet/contracts";
import { batchStates, runStates } from "@inlet/database";
import type { ChangeWatch } from "@inlet/pipeline";
import type { FastifyInstance } from "fastify";
import { Gauge } from "prom-client";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { openCallerStreams } from "./caller-streams.ts";
import { openEventStream } from "./event-stream.ts";
import { HEARTBEAT_MS, openLiveHub } from "./live-hub.ts";

/** When a browser comes back after a stream has ended. */
const RETRY_MS = 3_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // nginx would keep the events until its buffer is full.
  "x-accel-buffering": "no",
  // So that a shutdown does not wait for a socket that nobody asks anything of any more.
  connection: "close",
};

const DESCRIPTION = `Server-sent events about what changes, within a second: \`batches\` and \`runs\` each hold a list of the \
present states of those that changed. What a caller may not see never comes.

Begin with the stream: once \`ready\` has come, ask for what is to be shown, and keep it up to date with the events. At \
\`reset\` ask anew for everything that is shown: after a connection was lost (the browser sends \`Last-Event-ID\`), when the \
caller reads too slowly, and when the hub was cut off from news. Every 15 seconds there is a comment; a stream that is \
silent for longer is dead. A revoked key and a session that is over lose their streams within a minute.`;

/** Live updates. */
export function eventRoutes(
  app: RouteHost & Pick<FastifyInstance, "addHook">,
  { database, publisher, logger, metrics, env }: ApiParts,
): void {
  const onError = (err: unknown) => logger.warn({ err }, "could not tell of changes; will try again");
  const hub = openLiveHub({
    readBatches: (ids) => batchStates(database, ids),
    readRuns: (ids) => runStates(database, ids),
    token: randomBytes(6).toString("base64url"),
    onError,
  });
  const streams = openCallerStreams(database, onError);
  let watch: ChangeWatch | undefined;
  new Gauge({
    name: "inlet_live_streams",
    help: "Open streams of live updates.",
    registers: [metrics],
    collect() {
      this.set(hub.size);
    },
  });
  app.addHook("preClose", async () => {
    watch?.close();
    streams.close();
    hub.close();
  });

  app.get(
    "/v1/events",
    {
      // What is told are statuses: a key that was narrowed to sending does not read them here either.
      config: { access: "read", isStream: true },
      schema: {
        tags: ["Live updates"],
        summary: "Listen to changes",
        description: DESCRIPTION,
        produces: ["text/event-stream"],
        querystring: changeQuerySchema,
        response: { 200: z.any().describe("The events, for as long as the connection lasts"), ...errors() },
      },
    },
    (request, reply) => {
      const caller = callerOf(request);
      const most = env.API_STREAMS_PER_CALLER;
      if (streams.countOf(caller) >= most) {
        const message = `${caller.name} has ${most} streams open already. Close one of them, or ask for a longer list with one stream.`;
        throw new Refusal(429, "too_many_streams", message);
      }
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS })) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.writeHead(200);
      raw.write(`retry: ${RETRY_MS}\n\n`);
      const stream = openEventStream(raw, {
        onBehind: () => hub.event("reset", { reason: "behind" }),
        onClose() {
          hub.remove(stream);
          streams.remove(stream);
        },
      });
      stream.write(hub.event("ready", { heartbeatMs: HEARTBEAT_MS }));
      if (request.headers["last-event-id"] !== undefined) stream.write(hub.event("reset", { reason: "resumed" }));
      hub.add(stream, { scope: caller.scope, asked: request.query });
      streams.add(stream, caller);
      watch ??= publisher.watch({ changed: hub.changed, interrupted: () => hub.reset("interrupted") });
    },
  );
}
