import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether the caller has this very content already (RFC 9110, section 13.1.2: a weak comparison, or `*`). */
export function hasCurrent(request: FastifyRequest, etag: string): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  return header.split(",").some((entry) => {
    const tag = entry.trim();
    return tag === "*" || tag.replace(/^W\//, "") === etag;
  });
}

/** Answers that the caller's copy is the current one. */
export function sendNotModified(reply: FastifyReply): FastifyReply {
  return reply.code(304).send();
}
