import type { FastifyInstance } from "fastify";
import { Histogram, type Registry } from "prom-client";
import type { Caller } from "../access.ts";

/** One log line and one observation for each request. The route's pattern stands for the address: no ids, no queries. */
export function logRequests(app: Pick<FastifyInstance, "addHook">, metrics: Registry): void {
  const seconds = new Histogram({
    name: "inlet_http_request_seconds",
    help: "Time from a request's first byte to its answer's last.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [metrics],
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const durationMs = Math.round(reply.elapsedTime);
    // How long somebody listened says nothing about how fast the API answers.
    if (!request.routeOptions.config?.isStream)
      seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    const quiet = request.routeOptions.config?.access === "public";
    request.log[quiet ? "debug" : "info"](
      {
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        durationMs,
        ...callerFacts(request.identified),
        address: request.ip,
      },
      "request",
    );
  });
}

/** Who asked, by what finds it in the audit as well: names may repeat. */
function callerFacts(caller: Caller | undefined): { apiKey?: string; userId?: number } {
  if (caller === undefined) return {};
  return caller.kind === "key" ? { apiKey: caller.prefix } : { userId: caller.id };
}
