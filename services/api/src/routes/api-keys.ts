import { apiKeyListSchema, apiKeySchema, createdApiKeySchema, identitySchema, newApiKeySchema } from "@inlet/contracts";
import {
  countApiKeys,
  findApiKeyByName,
  findClient,
  insertApiKey,
  listApiKeys,
  lockApiKeys,
  recordAudit,
  revokeApiKey,
  transaction,
} from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { newApiKey } from "../api-key.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { apiKeyView } from "../views.ts";

const tags = ["API keys"];
const keyParamSchema = z.string().regex(/^(\d{1,15}|[a-z0-9]{10})$/, "a key's number or its prefix");

/** Who may do what. */
export function apiKeyRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/identity",
    {
      config: { access: "self" },
      schema: { tags, summary: "Show whom the API takes you for", response: { 200: identitySchema, ...errors() } },
    },
    async (request) => {
      const { name, prefix, role, client } = callerOf(request);
      return { name, prefix, role, client };
    },
  );

  app.get(
    "/v1/api-keys",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "List API keys",
        description: "Revoked ones too. The keys themselves are not stored and cannot be shown.",
        response: { 200: apiKeyListSchema, ...errors() },
      },
    },
    async () => ({ apiKeys: (await listApiKeys(database)).map(apiKeyView) }),
  );

  app.post(
    "/v1/api-keys",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Create an API key",
        description: "`key` is in this answer and nowhere else.",
        body: newApiKeySchema,
        response: { 201: createdApiKeySchema, ...errors(404) },
      },
    },
    async (request, reply) => {
      const { name, role, client } = request.body;
      const { key, prefix, sha256 } = newApiKey();
      const row = await transaction(database, async (tx) => {
        const clientId = client === undefined ? null : await findClient(tx, { client, scope: null });
        if (clientId === undefined) {
          throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
        }
        const inserted = await insertApiKey(tx, { name, prefix, sha256, role, clientId });
        const detail = { id: inserted.id, name, role, client };
        await recordAudit(tx, auditOf(request, "api-key.create", { path: prefix, detail }));
        return inserted;
      });
      reply.status(201);
      return { ...apiKeyView(row), key };
    },
  );

  app.delete(
    "/v1/api-keys/:key",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Revoke an API key",
        description: "By its number or its prefix; at once and for good. The last admin key stays.",
        params: z.object({ key: keyParamSchema }),
        response: { 200: apiKeySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const given = request.params.key;
      const row = await transaction(database, async (tx) => {
        await lockApiKeys(tx);
        // A prefix of digits alone may look like a number: the prefix is tried as well.
        const id = /^\d+$/.test(given) ? Number(given) : null;
        const found = await findApiKeyByName(tx, { id, prefix: given.length === 10 ? given : null });
        if (found === undefined)
          throw notFound("api_key_not_found", `There is no API key ${given}. GET /v1/api-keys lists them.`);
        if (found.revokedAt !== null) return found;
        if (found.role === "admin" && (await countApiKeys(tx)).admins === 1) {
          throw new Refusal(409, "last_admin_key", "This is the last admin key. Create another one first, and use it.");
        }
        await revokeApiKey(tx, found.id);
        await recordAudit(
          tx,
          auditOf(request, "api-key.revoke", { path: found.prefix, detail: { id: found.id, name: found.name } }),
        );
        return { ...found, revokedAt: new Date() };
      });
      return apiKeyView(row);
    },
  );
}
