import { PassThrough, type Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { Refusal } from "./errors.ts";
import { parseJsonBody } from "./json-body.ts";

/** A JSON body that takes longer to arrive is given up: at 4 MiB that is a line of 1 Mbit/s. */
const BODY_TIMEOUT_MS = 30_000;

/**
 * Reads bodies as JSON and as nothing else; routes that take files remove this reader in a scope of their own. A body that
 * was left out is an empty object: what is missing in it is named.
 */
export function readJsonBodies(
  app: Pick<FastifyInstance, "addHook" | "removeAllContentTypeParsers" | "addContentTypeParser">,
  { timeoutMs = BODY_TIMEOUT_MS }: { timeoutMs?: number } = {},
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, async (_request: unknown, text: string) =>
    text.trim() === "" ? undefined : parseJsonBody(text),
  );
  app.addHook("preParsing", async (request, reply, payload) => {
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) return payload;
    if (!request.server.hasContentTypeParser("application/json")) return payload;
    return within(timeoutMs, payload as Readable, () => {
      // What still comes of the body would be read as the next request.
      reply.header("connection", "close");
    });
  });
  app.addHook("preValidation", async (request) => {
    if (request.body === null || request.body === undefined) request.body = {};
  });
}

function within(timeoutMs: number, payload: Readable, onTimeout: () => void): Readable {
  const copy = new PassThrough();
  const timer = setTimeout(() => {
    onTimeout();
    payload.unpipe(copy);
    copy.destroy(new TooSlow(timeoutMs));
  }, timeoutMs);
  // Whoever reads it hears of it, too; where the request was refused before that, nobody does, and the process would end.
  copy.on("error", () => {});
  copy.once("close", () => clearTimeout(timer));
  payload.once("error", (error) => copy.destroy(error));
  return payload.pipe(copy);
}

/** Fastify asks errors of bodies for a `statusCode`, and takes 400 where there is none. */
class TooSlow extends Refusal {
  readonly statusCode = 408;

  constructor(timeoutMs: number) {
    const detail = `The body did not arrive within ${timeoutMs / 1_000} s. Nothing was done; send it again.`;
    super(408, "request_too_slow", detail);
  }
}
