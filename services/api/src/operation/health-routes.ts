import { healthSchema } from "@inlet/contracts";
import { failedChecks } from "@inlet/runtime";
import { z } from "zod";
import { errors } from "../openapi/openapi.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

const tags = ["Operation"];

/** For load balancers and Prometheus; the same as on the health port, but that the metrics want a key here. */
export function healthRoutes(app: RouteHost, { checks, metrics }: ApiParts): void {
  app.get(
    "/healthz",
    {
      config: { access: "public" },
      schema: { tags, summary: "Whether the process lives", security: [], response: { 200: healthSchema } },
    },
    async () => ({ status: "alive" }),
  );

  app.get(
    "/readyz",
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "Whether it can work",
        description: "Only the names of what is away; the reasons are on the health port.",
        security: [],
        response: { 200: healthSchema, 503: healthSchema },
      },
    },
    async (_request, reply) => {
      const failures = await failedChecks(checks);
      const away = Object.keys(failures);
      if (away.length === 0) return { status: "ready" };
      reply.status(503);
      return { status: "not ready", failures: Object.fromEntries(away.map((name) => [name, "away"])) };
    },
  );

  app.get(
    "/metrics",
    {
      config: { access: "oversee" },
      schema: {
        tags,
        summary: "Metrics for Prometheus",
        produces: ["text/plain"],
        response: { 200: z.string().describe("Prometheus' text format"), ...errors() },
      },
    },
    async (_request, reply) => {
      reply.header("content-type", metrics.contentType).serializer(String);
      return await metrics.metrics();
    },
  );
}
