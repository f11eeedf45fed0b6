import type { AuditEntry } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "./access.ts";

/** The audit's line for what a request did: the key's name as the actor, and its prefix, because names may repeat. */
export function auditOf(
  request: FastifyRequest,
  action: string,
  { path = null, sha256 = null, detail = {} }: { path?: string | null; sha256?: Buffer | null; detail?: object } = {},
): AuditEntry {
  const { name, prefix } = callerOf(request);
  return {
    actor: name,
    address: request.ip,
    session: request.id,
    action,
    path,
    sha256,
    outcome: "ok",
    detail: { apiKey: prefix, ...detail },
  };
}
