import type { FastifyInstance, FastifyRequest } from "fastify";
import type { LinkEvents } from "../events/link-events.ts";
import { visitorOf } from "../events/visitor.ts";
import { type FitRow, linkFilm } from "../links/link-film.ts";
import type { OpenedLink, OpenLink } from "../links/open-link.ts";
import type { Videos } from "../video/videos.ts";
import { sendFile } from "./byte-range.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { sendNotFound } from "./notices.ts";

const SUFFIX = ".mp4";
/** A link that was taken back, or a storyboard that was replaced, is noticed within this time. */
const MAX_AGE_SECONDS = 60 * 60;

interface VideoParts {
  openLink: OpenLink;
  events: LinkEvents;
  videos: Videos;
  /** What can be drawn of a row. */
  drawable: FitRow;
}

/**
 * `GET /v/:token.mp4`: the recipient's film as a file. It is made when it is first asked for; until it is there, its visitor waits,
 * for so long as visitors do. Who only looks ahead (a prefetch, a HEAD) makes nobody work.
 */
export function addVideoRoute(app: FastifyInstance, { openLink, events, videos, drawable }: VideoParts): void {
  app.get<{ Params: { file: string } }>("/v/:file", { config: { kind: "video" } }, async (request, reply) => {
    const { file } = request.params;
    if (!file.endsWith(SUFFIX)) return await sendNotFound(reply);
    const token = file.slice(0, -SUFFIX.length);
    const link = await openLink(token, request);
    const film = link && linkFilm(link, drawable);
    if (film === undefined) return await sendNotFound(reply);
    const looksAhead = request.method === "HEAD" || visitorOf("video", request.method, request.headers) === "prefetch";
    reply.headers({
      "content-security-policy": "default-src 'none'",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
    });
    let video = await videos.made(link!, film);
    if (video === undefined && !looksAhead) {
      video = await untilGone(request, (signal) => videos.wait(link!, film, signal));
      // It may have been taken back meanwhile.
      let isOpen = false;
      try {
        isOpen = (await openLink(token, request)) !== undefined;
      } finally {
        if (!isOpen) await video.reader.close();
      }
      if (!isOpen) return await sendNotFound(reply);
    }
    if (video === undefined) return reply.code(202).header("content-type", "video/mp4").send();
    events.fetched(link!, "video", request);
    const etag = `"${video.sha256.toString("base64url").slice(0, 27)}"`;
    reply.headers({
      "cache-control": `private, max-age=${maxAgeSeconds(link!, new Date())}`,
      "content-disposition": `inline; filename="${fileName(link!)}"`,
      etag,
    });
    if (hasCurrent(request, etag)) {
      await video.reader.close();
      return sendNotModified(reply);
    }
    reply.header("content-type", "video/mp4");
    return await sendFile(request, reply, { reader: video.reader, etag });
  });
}

/** Does something for as long as the visitor is there. */
async function untilGone<T>(
  { raw: { socket } }: FastifyRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  if (socket.destroyed) leave();
  socket.once("close", leave);
  try {
    return await work(gone.signal);
  } finally {
    socket.off("close", leave);
  }
}

/** What the storyboard is called, in letters that every file system takes; nothing of the recipient. */
function fileName({ batch }: OpenedLink): string {
  const title = (batch.storyboard?.storyboard.title ?? "")
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/g, "")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${title || "video"}${SUFFIX}`;
}

/** Not beyond the link's own life. */
function maxAgeSeconds({ batch }: OpenedLink, now: Date): number {
  if (batch.expiresAt === undefined) return MAX_AGE_SECONDS;
  const leftSeconds = Math.floor((batch.expiresAt.getTime() - now.getTime()) / 1000);
  return Math.max(0, Math.min(MAX_AGE_SECONDS, leftSeconds));
}
