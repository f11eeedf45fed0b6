import { createHash } from "node:crypto";
import type { Pull, System } from "@inlet/contracts";

/**
 * What a pull asks, as a digest: the parts of a profile that decide which items there are, and in which order they grow. A cursor
 * counts for the same question alone.
 */
export function askedOf({ system, pull }: { system: System; pull: Pull }): string {
  const { resource, filter, incremental, rest } = pull;
  const asked = {
    url: system.url,
    company: "company" in system ? system.company : null,
    ...{ resource, filter: filter ?? null, by: incremental?.by ?? null, kind: incremental?.kind ?? null },
    query: rest ? { method: rest.method, query: rest.query, body: rest.body ?? null } : null,
  };
  return createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 22);
}
