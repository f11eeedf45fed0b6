import {
  apiKeyChangeSchema,
  apiKeyListSchema,
  apiKeyRotationSchema,
  apiKeySchema,
  createdApiKeySchema,
  identitySchema,
  newApiKeySchema,
} from "@inlet/contracts";
import {
  type ApiKeyRow,
  countApiKeys,
  type Executor,
  findApiKeyByName,
  findClient,
  insertApiKey,
  listApiKeys,
  lockApiKeys,
  recordAudit,
  revokeApiKey,
  rotateApiKey,
  type Tx,
  transaction,
  updateApiKey,
} from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { apiKeyView } from "../views.ts";
import { newApiKey, newSecret } from "./api-key.ts";

const tags = ["API keys"];
const params = z.object({ key: z.string().regex(/^(\d{1,15}|[a-z0-9]{10})$/, "a key's number or its prefix") });

/** Who may do what. */
export function apiKeyRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/identity",
    {
      config: { access: "self" },
      schema: { tags, summary: "Show whom the API takes you for", response: { 200: identitySchema, ...errors() } },
    },
    async (request) => {
      const { kind, name, prefix, role, client, permissions } = callerOf(request);
      return { kind, name, prefix, role, client, permissions: [...permissions] };
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
        description:
          "`key` is in this answer and nowhere else. `access` narrows what the role may; `expiresAt` ends the key by itself.",
        body: newApiKeySchema,
        response: { 201: createdApiKeySchema, ...errors(404) },
      },
    },
    async (request, reply) => {
      const { name, role, client, access = null } = request.body;
      const expiresAt = expiryOf(request.body.expiresAt ?? null);
      const { key, prefix, sha256 } = newApiKey();
      const row = await transaction(database, async (tx) => {
        const clientId = client === undefined ? null : await findClient(tx, { client, scope: null });
        if (clientId === undefined) {
          throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
        }
        const inserted = await insertApiKey(tx, { name, prefix, sha256, role, clientId, access, expiresAt });
        const detail = { id: inserted.id, name, role, client, access, expiresAt };
        await recordAudit(tx, auditOf(request, "api-key.create", { path: prefix, detail }));
        return inserted;
      });
      reply.status(201);
      return { ...apiKeyView(row), key };
    },
  );

  app.patch(
    "/v1/api-keys/:key",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Change an API key's name or expiry",
        description: "By its number or its prefix. The last admin key does not end by itself.",
        params,
        body: apiKeyChangeSchema,
        response: { 200: apiKeySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { name, expiresAt } = request.body;
      const row = await transaction(database, async (tx) => {
        const found = await workingKey(tx, request.params.key);
        const changed = {
          ...found,
          name: name ?? found.name,
          expiresAt: expiresAt === undefined ? found.expiresAt : expiryOf(expiresAt),
        };
        if (changed.expiresAt !== null) await assertAnotherAdminKey(tx, found);
        await updateApiKey(tx, changed);
        const detail = { id: found.id, name, expiresAt };
        await recordAudit(tx, auditOf(request, "api-key.change", { path: found.prefix, detail }));
        return changed;
      });
      return apiKeyView(row);
    },
  );

  app.post(
    "/v1/api-keys/:key/rotate",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Give an API key a new secret",
        description:
          "`key` is in this answer and nowhere else. The key's number, prefix, role and expiry stay. The secret until now " +
          "counts for `graceHours` more, in which programs are told the new one; one before that ends at once.",
        params,
        body: apiKeyRotationSchema,
        response: { 200: createdApiKeySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { graceHours } = request.body;
      return await transaction(database, async (tx) => {
        const found = await workingKey(tx, request.params.key);
        const { key, sha256 } = newSecret(found.prefix);
        await rotateApiKey(tx, { id: found.id, sha256, graceHours });
        const detail = { id: found.id, name: found.name, graceHours };
        await recordAudit(tx, auditOf(request, "api-key.rotate", { path: found.prefix, detail }));
        return { ...apiKeyView(await keyOf(tx, request.params.key)), key };
      });
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
        params,
        response: { 200: apiKeySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const row = await transaction(database, async (tx) => {
        await lockApiKeys(tx);
        const found = await keyOf(tx, request.params.key);
        if (found.revokedAt !== null) return found;
        await assertAnotherAdminKey(tx, found);
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

async function keyOf(executor: Executor, given: string): Promise<ApiKeyRow> {
  // A prefix of digits alone may look like a number: the prefix is tried as well.
  const id = /^\d+$/.test(given) ? Number(given) : null;
  const found = await findApiKeyByName(executor, { id, prefix: given.length === 10 ? given : null });
  if (found !== undefined) return found;
  throw notFound("api_key_not_found", `There is no API key ${given}. GET /v1/api-keys lists them.`);
}

/** A key that is not revoked, under the lock of all keys. An expired one counts: its expiry can be moved. */
async function workingKey(tx: Tx, given: string): Promise<ApiKeyRow> {
  await lockApiKeys(tx);
  const found = await keyOf(tx, given);
  if (found.revokedAt === null) return found;
  throw new Refusal(409, "api_key_revoked", `The API key “${found.name}” is revoked for good. Create another one.`);
}

/**
 * One admin key stays that can do everything and does not end by itself.
 * @throws Refusal `last_admin_key`
 */
async function assertAnotherAdminKey(tx: Tx, { role, expiresAt, access }: ApiKeyRow): Promise<void> {
  if (role !== "admin" || expiresAt !== null || access !== null) return;
  if ((await countApiKeys(tx)).admins > 1) return;
  throw new Refusal(409, "last_admin_key", "This is the last admin key. Create another one first, and use it.");
}

/** @throws Refusal when it is over already */
function expiryOf(text: string | null): Date | null {
  if (text === null) return null;
  const time = new Date(text);
  if (time.getTime() > Date.now()) return time;
  const details = [{ path: ["expiresAt"], message: "lies in the past; take a time ahead, or revoke the key" }];
  throw new Refusal(400, "request_invalid", "The body has one mistake; see errors.", details);
}
