import { createHash } from "node:crypto";
import { linkOf, linkShapes } from "@inlet/purl";
import type { FastifyInstance } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import { linkView } from "../links/link-view.ts";
import type { OpenLink } from "../links/open-link.ts";
import { landingPage } from "../page/landing-page.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { sendNotFound } from "./notices.ts";

interface PageParts {
  openLink: OpenLink;
  events: LinkEvents;
  landingUrl: string;
  /** Told of a rehearsal's link that was opened. */
  rehearsed: (batchId: number) => void;
}

/**
 * `GET /p/:token`: the recipient's page. A mail scanner may fetch it as often as it likes: it is counted, and changes nothing.
 * That one of a rehearsal was opened is noted for its checklist.
 */
export function addPageRoute(app: FastifyInstance, { openLink, events, landingUrl, rehearsed }: PageParts): void {
  const { thumbnail } = linkShapes(landingUrl);
  app.get<{ Params: { token: string } }>("/p/:token", { config: { kind: "page" } }, async (request, reply) => {
    const { token } = request.params;
    const link = await openLink(token, request);
    if (link === undefined) return await sendNotFound(reply);
    if (link.batch.rehearsal) rehearsed(link.batch.batchId);
    events.fetched(link, "page", request);
    const page = landingPage({
      view: linkView(link),
      thumbnailUrl: linkOf(thumbnail, token),
      // Relative, so that it is right under whatever path a proxy serves it.
      thumbnailPath: `../t/${token}.png`,
    });
    const etag = `"${createHash("sha256").update(page.body).digest("base64url").slice(0, 27)}"`;
    reply.headers({
      // A browser asks each time: a link that was taken back is closed for those, too, who have seen it.
      "cache-control": "private, no-cache",
      etag,
      "content-security-policy": page.contentSecurityPolicy,
      "cross-origin-resource-policy": "same-origin",
    });
    if (hasCurrent(request, etag)) return sendNotModified(reply);
    return reply.header("content-type", "text/html; charset=utf-8").send(page.body);
  });
}
