import { secretBodySchema, slugSchema, storedSecretSchema } from "@inlet/contracts";
import { findClient, findSecret, putSecret, recordAudit, transaction } from "@inlet/database";
import { seal, unseal } from "@inlet/runtime";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

/** What profiles name and never hold. */
export function secretRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.put(
    "/v1/clients/:client/secrets/:name",
    {
      config: { access: "configure" },
      schema: {
        tags: ["Projects"],
        summary: "Store a secret",
        description: "Encrypted before it is stored. No answer ever holds it.",
        params: z.object({ client: slugSchema, name: slugSchema }),
        body: secretBodySchema,
        response: { 200: storedSecretSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { client, name } = request.params;
      const value = Buffer.from(request.body.value);
      return await transaction(database, async (tx) => {
        const clientId = await findClient(tx, { client, scope: callerOf(request).scope });
        if (clientId === undefined) {
          throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
        }
        const context = `secret:${clientId}`;
        const before = await findSecret(tx, { clientId, name });
        const changed = before === undefined || !opens(env.INLET_KEY, before, context)?.equals(value);
        if (changed) {
          await putSecret(tx, { clientId, name, sealed: seal(env.INLET_KEY, value, context) });
          await recordAudit(tx, auditOf(request, "secret.set", { path: `${client}/${name}` }));
        }
        return { client, name, changed };
      });
    },
  );
}

/** What is stored; undefined when it was sealed with another key, and is to be replaced. */
function opens(key: Buffer, sealed: Buffer, context: string): Buffer | undefined {
  try {
    return unseal(key, sealed, context);
  } catch {
    return undefined;
  }
}
