import { setTimeout as delay } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { Document } from "../page/document.ts";
import { BUSY, NOT_FOUND } from "../page/notices.ts";
import { preferredLanguage } from "../words/landing-words.ts";

/**
 * Every 404 is sent this long after its request came, be it at once clear or only after a look into the database: so the
 * time tells no more than the page does.
 */
const NOT_FOUND_AFTER_MS = 30;
const RETRY_AFTER_SECONDS = 5;

/** Sends the one page for all that does not open, in the visitor's language. */
export async function sendNotFound(reply: FastifyReply): Promise<FastifyReply> {
  const leftMs = NOT_FOUND_AFTER_MS - reply.elapsedTime;
  if (leftMs > 0) await delay(leftMs);
  return sendNotice(reply.code(404), NOT_FOUND);
}

/** Says that it may work later. */
export function sendBusy(reply: FastifyReply, status: 429 | 500 | 503): FastifyReply {
  return sendNotice(reply.code(status).header("retry-after", RETRY_AFTER_SECONDS), BUSY);
}

function sendNotice(reply: FastifyReply, notices: ReadonlyMap<string, Document>): FastifyReply {
  const document = notices.get(preferredLanguage(reply.request.headers["accept-language"]))!;
  return reply
    .header("vary", "accept-language")
    .header("content-type", "text/html; charset=utf-8")
    .header("content-security-policy", document.contentSecurityPolicy)
    .header("cache-control", "no-store")
    .send(document.body);
}
