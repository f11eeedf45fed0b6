import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./errors.ts";

/**
 * Gives every JSON answer to a GET an entity tag, and answers 304 when the caller has the same already. The tag is weak
 * and of the bytes; a route that sets `etag` itself, such as one whose documents have versions, keeps its own.
 */
export function tagAnswers(app: Pick<FastifyInstance, "addHook">): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if (request.method !== "GET" || reply.statusCode !== 200) return payload;
    if (
      typeof payload === "string" &&
      reply.getHeader("etag") === undefined &&
      isJson(reply.getHeader("content-type"))
    ) {
      reply.header("etag", `W/"${createHash("sha256").update(payload).digest("base64url").slice(0, 27)}"`);
    }
    const tag = reply.getHeader("etag");
    const known = request.headers["if-none-match"];
    if (typeof tag !== "string" || known === undefined || !names(known, tag)) return payload;
    // An answer without a body says nothing of one.
    reply.code(304).removeHeader("content-type").removeHeader("content-length");
    return null;
  });
}

const isJson = (type: unknown) => String(type ?? "").startsWith("application/json");

/** The strong tag of a document that counts its versions. */
export const versionTag = (version: number): string => `"${version}"`;

/**
 * Holds a write back when the document is not the one that the caller has seen. Call it under the document's lock.
 * @param current the document's tag; undefined while there is none
 * @param advice what is there now, as a sentence; and what to do
 * @throws Refusal 412
 */
export function assertExpected(request: FastifyRequest, current: string | undefined, advice: string): void {
  const { "if-match": expected, "if-none-match": unexpected } = request.headers;
  const isAsExpected = expected === undefined || (current !== undefined && names(expected, current, "strong"));
  const isNew = unexpected === undefined || current === undefined || !names(unexpected, current);
  if (!isAsExpected || !isNew) throw new Refusal(412, "precondition_failed", advice);
}

/** Whether a list of tags (RFC 9110, section 13.1) names this one. Strong: weak tags are equal to none. */
function names(list: string, tag: string, comparison: "weak" | "strong" = "weak"): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  const opaque = (each: string) => (comparison === "weak" ? each.replace(/^W\//, "") : each);
  return tags.some((each) => opaque(each) === opaque(tag) && !(comparison === "strong" && each.startsWith("W/")));
}
