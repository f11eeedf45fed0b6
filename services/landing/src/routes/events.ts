import { pageEventSchema } from "@inlet/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import type { OpenLink } from "../links/open-link.ts";
import { sendNotFound } from "./notices.ts";

/** One event as JSON: a few words. */
const MAX_BYTES = 512;

/**
 * `POST /e/:token`: the page's script tells that the film was played, or a button pressed. It is
 * taken from our own pages alone, where the browser says where it comes from.
 */
export function addEventsRoute(
  app: FastifyInstance,
  { openLink, events }: { openLink: OpenLink; events: LinkEvents },
): void {
  app.addContentTypeParser(
    ["application/json", "text/plain"],
    { parseAs: "string" },
    async (_: FastifyRequest, body: string) => body,
  );
  app.post<{ Params: { token: string }; Body: string }>(
    "/e/:token",
    { config: { kind: "event" }, bodyLimit: MAX_BYTES },
    async (request, reply) => {
      const event = pageEventSchema.safeParse(parsed(request.body));
      if (!event.success || isFromElsewhere(request)) return await sendNotFound(reply);
      const link = await openLink(request.params.token, request);
      if (link === undefined) return await sendNotFound(reply);
      events.told(link, event.data, { method: request.method, headers: request.headers });
      return await noContent(reply);
    },
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isFromElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site !== undefined && site !== "same-origin";
}

function noContent(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header("cache-control", "no-store")
    .header("content-security-policy", "default-src 'none'")
    .send();
}
