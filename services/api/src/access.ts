import { type AccessWord, type ApiRole, permissionsOf } from "@inlet/contracts";
import type { Scope } from "@inlet/database";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "./requests/errors.ts";

/** What a route needs: one of the words that callers have, or nothing. */
export type Access = "public" | AccessWord;

interface Somebody {
  id: number;
  /** What stands as the actor in the audit: the key's name, the user's login. */
  name: string;
  role: ApiRole;
  /** The one client whose rows are seen; null: all. */
  scope: Scope;
  /** That client's name. */
  client: string | null;
  /** What the caller may do, all told. */
  permissions: readonly AccessWord[];
}

/** An API key that calls. */
export interface KeyCaller extends Somebody {
  kind: "key";
  /** The key's public first part: names may repeat. */
  prefix: string;
}

/** A user who signed in, by the session's cookie. */
export interface UserCaller extends Somebody {
  kind: "user";
  /** Users have none. */
  prefix: "";
  sessionId: number;
}

/** Who calls. Keys and users are alike for all routes but those about themselves. */
export type Caller = KeyCaller | UserCaller;

/** One row of the table of routes: what there is, and what it needs. */
export interface GuardedRoute {
  method: string;
  /** The pattern, such as `/v1/batches/:id`. */
  url: string;
  access: Access;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route says what it needs; one that does not say stops the start. */
    access?: Access;
    /** It answers for as long as its caller listens. */
    isStream?: boolean;
  }
  interface FastifyRequest {
    identified: Caller | undefined;
  }
  interface FastifyInstance {
    /** Every route that was registered, in that order. */
    guardedRoutes: readonly GuardedRoute[];
  }
}

/** Who calls. Only for routes that are not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.identified === undefined) throw new Error(`${request.url} has no caller`);
  return request.identified;
}

/** Finds out who calls. @throws Refusal 401 when nobody is known, 403 when the request is not the caller's own doing */
export type Identify = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller>;

/** Guards every route by what its config asks for, and keeps the table of them. */
export function guardRoutes(app: FastifyInstance, identify: Identify): void {
  const routes: GuardedRoute[] = [];
  app.decorate("guardedRoutes", routes);
  app.decorateRequest("identified", undefined);
  app.addHook("onRoute", (route) => {
    if (route.url === "/docs" || route.url.startsWith("/docs/")) route.config = { ...route.config, access: "public" };
    const access = route.config?.access;
    if (access === undefined) throw new Error(`route ${route.url} does not say what it needs`);
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, access });
  });
  app.addHook("onRequest", async (request, reply) => {
    const access = request.routeOptions.config.access ?? "read";
    if (access === "public" || request.is404) return;
    const caller = await identify(request, reply);
    request.identified = caller;
    if (!caller.permissions.includes(access)) throw notAllowed(caller, access);
  });
}

function notAllowed({ kind, name, role, client, permissions }: Caller, access: AccessWord): Refusal {
  const scoped = client === null ? "" : ` of client ${client}`;
  const narrowed = permissionsOf({ role, client }).includes(access);
  const what = kind === "user" ? "You are signed in as" : "The API key";
  const who = `“${name}” (${role}${scoped}${narrowed ? `, narrowed to ${permissions.join(", ")}` : ""})`;
  const message =
    kind === "user"
      ? `${what} ${who} and may not do this. Ask an admin.`
      : `${what} ${who} may not do this. Use a key with the role it needs.`;
  return new Refusal(403, "not_allowed", message);
}
