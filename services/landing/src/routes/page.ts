import type { PlayerFiles } from "@inlet/player/files";
import { linkOf, linkShapes } from "@inlet/purl";
import type { FastifyInstance } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import { linkView } from "../links/link-view.ts";
import type { OpenedLink, OpenLink } from "../links/open-link.ts";
import { etagOf, openFilmPages, type TaggedDocument } from "../page/film-pages.ts";
import { landingPage } from "../page/landing-page.ts";
import { compressed, PAGE_ENCODINGS } from "./compress.ts";
import { acceptedEncoding } from "./encoding.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { sendNotFound } from "./notices.ts";

interface PageParts {
  openLink: OpenLink;
  events: LinkEvents;
  player: PlayerFiles;
  /** Told of a rehearsal's link that was opened. */
  rehearsed: (batchId: number) => void;
}

/**
 * `GET /p/:token`: the recipient's page. A mail scanner may fetch it as often as it likes: it is counted, and changes nothing.
 * That one of a rehearsal was opened is noted for its checklist.
 */
export function addPageRoute(app: FastifyInstance, { openLink, events, player, rehearsed }: PageParts): void {
  const filmPageOf = openFilmPages(player.script);
  const pageOf = (link: OpenedLink, token: string) =>
    link.batch.storyboard === undefined ? simplePage(link, token) : filmPageOf(link, link.batch.storyboard, token);
  app.get<{ Params: { token: string } }>("/p/:token", { config: { kind: "page" } }, async (request, reply) => {
    const { token } = request.params;
    const link = await openLink(token, request);
    if (link === undefined) return await sendNotFound(reply);
    if (link.batch.rehearsal) rehearsed(link.batch.batchId);
    events.fetched(link, "page", request);
    const page = pageOf(link, token);
    const { etag } = page;
    const encoding = acceptedEncoding(request, PAGE_ENCODINGS);
    reply.headers({
      // A browser asks each time: a link that was taken back is closed for those, too, who have seen it.
      "cache-control": "private, no-cache",
      // Compressed bytes are other bytes.
      etag: encoding === undefined ? etag : `W/${etag}`,
      vary: "accept-encoding",
      "content-security-policy": page.contentSecurityPolicy,
      "cross-origin-resource-policy": "same-origin",
    });
    if (hasCurrent(request, etag)) return sendNotModified(reply);
    reply.header("content-type", "text/html; charset=utf-8");
    if (encoding === undefined) return reply.send(page.body);
    return reply.header("content-encoding", encoding).send(await compressed(page.body, encoding));
  });
}

function simplePage(link: OpenedLink, token: string): TaggedDocument {
  const page = landingPage({
    view: linkView(link),
    thumbnailUrl: linkOf(linkShapes(link.address).thumbnail, token),
    // Relative, so that it is right under whatever path a proxy serves it.
    thumbnailPath: `../t/${token}.png`,
  });
  return { ...page, etag: etagOf(page.body) };
}
