import type { ApiRole } from "@inlet/contracts";
import { type Database, findApiKey, type Scope, touchApiKey } from "@inlet/database";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { hashApiKey, isSameKey, parseAuthorization } from "./api-key.ts";
import { Refusal } from "./requests/errors.ts";

/**
 * What a route needs. `self`: being signed in, as anybody. `read`: statuses and findings. `files`: the bytes of stored
 * files. `send`: uploading and taking links back. `operate`: retry and cancel. `oversee`: what concerns the whole hub.
 * `configure`: everything that sets up clients and projects. `administer`: users and API keys.
 */
export type Access = "public" | "self" | "read" | "files" | "send" | "operate" | "oversee" | "configure" | "administer";

/** Who calls, as the key says. */
export interface Caller {
  keyId: number;
  name: string;
  prefix: string;
  role: ApiRole;
  /** The one client whose rows are seen; null: all. */
  scope: Scope;
  client: string | null;
}

const ALLOWED: Readonly<Record<ApiRole, readonly Access[]>> = {
  admin: ["self", "read", "files", "send", "operate", "oversee", "configure", "administer"],
  operator: ["self", "read", "files", "send", "operate", "oversee", "configure"],
  client: ["self", "read", "files", "send"],
  viewer: ["self", "read", "oversee"],
};

/** For callers who see all clients alone. */
const OF_THE_WHOLE_HUB: readonly Access[] = ["oversee", "configure", "administer"];

/** Whether a caller may use a route. What concerns the whole hub is not for those who see one client. */
export function mayUse({ role, scope }: Pick<Caller, "role" | "scope">, access: Access): boolean {
  if (access === "public") return true;
  return ALLOWED[role].includes(access) && (scope === null || !OF_THE_WHOLE_HUB.includes(access));
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route says what it needs; one that does not say stops the start. */
    access?: Access;
  }
  interface FastifyRequest {
    identified: Caller | undefined;
  }
}

/** Who calls. Only for routes that are not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.identified === undefined) throw new Error(`${request.url} has no caller`);
  return request.identified;
}

const TOUCHED_EVERY_MS = 60_000;

/** Hashed against when a prefix is unknown, so that the answer takes the same time. */
const NO_KEY = hashApiKey("");

/** Guards every route by what its config asks for. */
export function guardRoutes(app: FastifyInstance, database: Database): void {
  app.decorateRequest("identified", undefined);
  app.addHook("onRoute", (route) => {
    if (route.url === "/docs" || route.url.startsWith("/docs/")) route.config = { ...route.config, access: "public" };
    if (route.config?.access === undefined) throw new Error(`route ${route.url} does not say what it needs`);
  });
  app.addHook("onRequest", async (request) => {
    const access = request.routeOptions.config.access ?? "read";
    if (access === "public" || request.is404) return;
    const caller = await identify(database, request.headers.authorization);
    request.identified = caller;
    if (!mayUse(caller, access)) {
      const scoped = caller.scope === null ? "" : ` of client ${caller.client}`;
      throw new Refusal(
        403,
        "not_allowed",
        `The API key “${caller.name}” (${caller.role}${scoped}) may not do this. Use a key with the role it needs.`,
      );
    }
  });
}

async function identify(database: Database, header: string | undefined): Promise<Caller> {
  const given = parseAuthorization(header);
  const stored = given && (await findApiKey(database, given.prefix));
  const same = isSameKey(given?.key ?? "no key", stored?.sha256 ?? NO_KEY);
  if (stored === undefined || !same) {
    throw new Refusal(
      401,
      "key_invalid",
      header === undefined
        ? "This needs an API key: send `Authorization: Bearer inlet_…`."
        : "The API key is unknown or was revoked. Ask an admin for a new one.",
    );
  }
  if (stored.lastUsedAt === null || Date.now() - stored.lastUsedAt.getTime() > TOUCHED_EVERY_MS) {
    await touchApiKey(database, stored.id);
  }
  const { id: keyId, name, prefix, role, clientId: scope, client } = stored;
  return { keyId, name, prefix, role, scope, client };
}
