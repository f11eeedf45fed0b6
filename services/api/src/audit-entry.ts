import type { AuditEntry } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "./access.ts";

/**
 * The audit's line for what a request did. The actor is the key's name or the user's login; beside it the key's prefix or
 * the user's number, because names may repeat.
 */
export function auditOf(
  request: FastifyRequest,
  action: string,
  { path = null, sha256 = null, detail = {} }: { path?: string | null; sha256?: Buffer | null; detail?: object } = {},
): AuditEntry {
  const caller = callerOf(request);
  const who = caller.kind === "key" ? { apiKey: caller.prefix } : { userId: caller.id };
  return {
    actor: caller.name,
    address: request.ip,
    session: request.id,
    action,
    path,
    sha256,
    outcome: "ok",
    detail: { ...who, ...detail },
  };
}
