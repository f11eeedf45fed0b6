import type { FastifyInstance } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import type { OpenedLink, OpenLink } from "../links/open-link.ts";
import type { Thumbnail } from "../thumbnail/thumbnails.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { sendNotFound } from "./notices.ts";

const SUFFIX = ".png";
/** A picture in an e-mail is looked at again and again, and its content never changes. */
const MAX_AGE_SECONDS = 24 * 60 * 60;

/** `GET /t/:token.png`: the recipient's picture, for e-mails and the page. */
export function addThumbnailRoute(
  app: FastifyInstance,
  {
    openLink,
    events,
    thumbnailOf,
  }: { openLink: OpenLink; events: LinkEvents; thumbnailOf: (link: OpenedLink) => Thumbnail },
): void {
  app.get<{ Params: { file: string } }>("/t/:file", { config: { kind: "thumbnail" } }, async (request, reply) => {
    const { file } = request.params;
    if (!file.endsWith(SUFFIX)) return await sendNotFound(reply);
    const link = await openLink(file.slice(0, -SUFFIX.length), request);
    if (link === undefined) return await sendNotFound(reply);
    events.fetched(link, "thumbnail", request);
    const { etag, png } = thumbnailOf(link);
    const picture = hasCurrent(request, etag) ? undefined : await png();
    reply.headers({
      "cache-control": `private, max-age=${maxAgeSeconds(link, new Date())}`,
      etag,
      "content-security-policy": "default-src 'none'",
      // Webmail shows it from its own origin.
      "cross-origin-resource-policy": "cross-origin",
    });
    if (picture === undefined) return sendNotModified(reply);
    return reply.header("content-type", "image/png").send(picture);
  });
}

/** Not beyond the link's own life. */
function maxAgeSeconds({ batch }: OpenedLink, now: Date): number {
  if (batch.expiresAt === undefined) return MAX_AGE_SECONDS;
  const leftSeconds = Math.floor((batch.expiresAt.getTime() - now.getTime()) / 1000);
  return Math.max(0, Math.min(MAX_AGE_SECONDS, leftSeconds));
}
