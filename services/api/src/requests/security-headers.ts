import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** For answers that are data: nothing in them may run, load or be framed. */
const HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  // Browsers heed it over HTTPS alone.
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** For /docs: its own scripts and styles, from here alone. Swagger UI sets style attributes. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Sets the headers of every answer, errors among them. */
export function setSecurityHeaders(app: Pick<FastifyInstance, "addHook">): void {
  app.addHook("onRequest", async (request, reply) => secure(request, reply));
}

/** Sets the headers of one answer. */
export function secure(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(HEADERS).header("cache-control", "no-store").header("x-request-id", request.id);
}
