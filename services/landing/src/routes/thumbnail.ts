import type { FastifyInstance } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import type { OpenedLink, OpenLink } from "../links/open-link.ts";
import type { ThumbnailLook, ThumbnailOf } from "../thumbnail/thumbnails.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { sendNotFound } from "./notices.ts";

const FILE = /^([A-Za-z0-9_-]+)(\.poster)?\.png$/;
/** A picture in an e-mail is looked at again and again, and its content seldom changes. */
const MAX_AGE_SECONDS = 24 * 60 * 60;
/** Where something was missing that may be there again soon. */
const INCOMPLETE_MAX_AGE_SECONDS = 30;

interface ThumbnailParts {
  openLink: OpenLink;
  events: LinkEvents;
  thumbnailOf: ThumbnailOf;
}

/**
 * `GET /t/:token.png`: the recipient's picture, for e-mails and previews. `GET /t/:token.poster.png`: the same for the
 * recipient's own page, without a play button, and not counted.
 */
export function addThumbnailRoute(app: FastifyInstance, { openLink, events, thumbnailOf }: ThumbnailParts): void {
  app.get<{ Params: { file: string } }>("/t/:file", { config: { kind: "thumbnail" } }, async (request, reply) => {
    const [, token, poster] = FILE.exec(request.params.file) ?? [];
    if (token === undefined) return await sendNotFound(reply);
    const link = await openLink(token, request);
    if (link === undefined) return await sendNotFound(reply);
    const look: ThumbnailLook = poster === undefined ? "mail" : "poster";
    if (look === "mail") events.fetched(link, "thumbnail", request);
    const { etag, picture } = thumbnailOf(link, look);
    const drawn = hasCurrent(request, etag) ? undefined : await picture();
    const lifeSeconds = drawn?.isIncomplete ? INCOMPLETE_MAX_AGE_SECONDS : maxAgeSeconds(link, new Date());
    reply.headers({
      "cache-control": `private, max-age=${lifeSeconds}`,
      ...(drawn?.isIncomplete ? {} : { etag }),
      "content-security-policy": "default-src 'none'",
      // Webmail shows it from its own origin.
      "cross-origin-resource-policy": "cross-origin",
    });
    if (drawn === undefined) return sendNotModified(reply);
    return reply.header("content-type", "image/png").send(drawn.png);
  });
}

/** Not beyond the link's own life. */
function maxAgeSeconds({ batch }: OpenedLink, now: Date): number {
  if (batch.expiresAt === undefined) return MAX_AGE_SECONDS;
  const leftSeconds = Math.floor((batch.expiresAt.getTime() - now.getTime()) / 1000);
  return Math.max(0, Math.min(MAX_AGE_SECONDS, leftSeconds));
}
