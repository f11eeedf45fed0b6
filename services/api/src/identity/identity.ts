import cookie from "@fastify/cookie";
import type { FastifyInstance } from "fastify";
import { guardRoutes } from "../access.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { identifyBy } from "./identify.ts";
import { oidcRoutes } from "./oidc-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** Guards all routes that are registered from here on; `routes` adds those about users, sessions and keys. */
export async function registerIdentity(app: FastifyInstance & RouteHost, parts: ApiParts): Promise<{ routes(): void }> {
  await app.register(cookie);
  const identify = identifyBy(parts);
  guardRoutes(app, identify);
  return {
    routes() {
      apiKeyRoutes(app, parts);
      userRoutes(app, parts);
      sessionRoutes(app, { ...parts, identify });
      oidcRoutes(app, parts);
    },
  };
}
