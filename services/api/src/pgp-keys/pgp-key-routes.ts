import {
  newPgpKeySchema,
  pgpKeyImportSchema,
  pgpKeyListSchema,
  pgpKeyPathSchema,
  pgpKeyRemovalSchema,
  projectPathSchema,
  removedPgpKeySchema,
  type StoredPgpKey,
  storedPgpKeySchema,
} from "@inlet/contracts";
import {
  deletePgpKey,
  findPgpKey,
  findProject,
  listPgpKeys,
  lockProjectKeys,
  putPgpKey,
  recordAudit,
  retireOurPgpKey,
  retirePgpKey,
  type Tx,
  transaction,
} from "@inlet/database";
import { generatePgpKey } from "@inlet/envelope";
import { pgpKeyContext } from "@inlet/pipeline";
import { seal } from "@inlet/runtime";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { missingKeys } from "../projects/profile-checks.ts";
import { noProject } from "../projects/project-routes.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { pgpKeyView, type ReadPgpKey, readImportedKey, readOurKey } from "./pgp-key.ts";

const tags = ["OpenPGP keys"];
const PATH = "/v1/clients/:client/projects/:project/keys";

interface ProjectName {
  client: string;
  project: string;
}

/** OpenPGP keys of projects. No answer holds a private key. */
export function pgpKeyRoutes(app: RouteHost, { database, env }: ApiParts): void {
  const projectOf = async (request: FastifyRequest, { client, project }: ProjectName) => {
    const found = await findProject(database, { client, project, scope: callerOf(request).scope });
    if (found === undefined) throw noProject(client, project);
    return found;
  };

  /** Stores a key as an active one, with its line in the audit. */
  async function store(
    request: FastifyRequest,
    { client, project }: ProjectName,
    { privateKey, ...key }: ReadPgpKey,
    { action, mayReplace }: { action: string; mayReplace: boolean },
  ): Promise<StoredPgpKey> {
    const { projectId, clientId } = await projectOf(request, { client, project });
    const sealed =
      privateKey === undefined ? null : seal(env.INLET_KEY, Buffer.from(privateKey), pgpKeyContext(clientId));
    return await transaction(database, async (tx) => {
      await lockProjectKeys(tx, projectId);
      const { owner, fingerprint, userId } = key;
      await assertSameOwner(tx, { projectId, owner, fingerprint });
      const retired = owner === "ours" ? ((await retireOurPgpKey(tx, { projectId, but: fingerprint })) ?? null) : null;
      if (retired !== null && !mayReplace) throw activeAlready(retired);
      const row = await putPgpKey(tx, { ...key, projectId, sealed, addedBy: callerOf(request).name });
      const detail = { owner, fingerprint, userId, expiresAt: row.expiresAt, retired };
      await recordAudit(tx, auditOf(request, action, { path: `${client}/${project}`, detail }));
      return { ...pgpKeyView(row, new Date()), retired };
    });
  }

  /** Makes a key of ours. */
  async function generate({ client, project }: ProjectName, body: z.output<typeof newPgpKeySchema>) {
    const { expiresInDays, name = `Inlet ${client} ${project}`, email = "" } = body;
    const { privateKey } = await generatePgpKey({ userId: { name, email }, expiresInDays });
    return await readOurKey(privateKey, new Date());
  }

  app.get(
    PATH,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a project's OpenPGP keys",
        description:
          "Ours, then the client's, retired ones too. `warnings` of a key tell of its expiry, from 30 days before; those " +
          "of the list, which keys the live profile needs and has not.",
        params: projectPathSchema,
        response: { 200: pgpKeyListSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { projectId, profile } = await projectOf(request, request.params);
      const rows = await listPgpKeys(database, projectId);
      const now = new Date();
      return { keys: rows.map((row) => pgpKeyView(row, now)), warnings: missingKeys(profile, rows, now) };
    },
  );

  app.post(
    PATH,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Make the project's own key",
        description:
          "Curve25519. Its private part is encrypted before it is stored, and no answer ever holds it. The client gets the " +
          "public part, see `GET …/public`.",
        params: projectPathSchema,
        body: newPgpKeySchema,
        response: { 201: storedPgpKeySchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { projectId } = await projectOf(request, request.params);
      const active = (await listPgpKeys(database, projectId)).find(isOurActive);
      if (active !== undefined) throw activeAlready(active.fingerprint);
      const key = await generate(request.params, request.body);
      reply.status(201);
      return await store(request, request.params, key, { action: "pgp-key.generate", mayReplace: false });
    },
  );

  app.post(
    `${PATH}/rotate`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Make a new key of ours in place of the active one",
        description:
          "The one that was active is retired: it signs nothing more, and still opens what was encrypted to it.",
        params: projectPathSchema,
        body: newPgpKeySchema,
        response: { 201: storedPgpKeySchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { projectId } = await projectOf(request, request.params);
      if (!(await listPgpKeys(database, projectId)).some(isOurActive)) {
        throw new Refusal(409, "no_active_key", "This project has no active key of its own to rotate. Generate one.");
      }
      const key = await generate(request.params, request.body);
      reply.status(201);
      return await store(request, request.params, key, { action: "pgp-key.rotate", mayReplace: true });
    },
  );

  app.post(
    `${PATH}/import`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Import a key that is there already",
        description:
          "`theirs`: the client's public key; there may be several. `ours`: a private key of the hub's. A key that is here " +
          "already is renewed, for example with a later expiry, and active again.",
        params: projectPathSchema,
        body: pgpKeyImportSchema,
        response: { 201: storedPgpKeySchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      await projectOf(request, request.params);
      const key = await readImportedKey(request.body, new Date());
      reply.status(201);
      const { replace: mayReplace } = request.body;
      return await store(request, request.params, key, { action: "pgp-key.import", mayReplace });
    },
  );

  app.get(
    `${PATH}/:fingerprint/public`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Export a public key",
        description: "ASCII-armoured, as the other side imports it.",
        produces: ["text/plain"],
        params: pgpKeyPathSchema,
        response: { 200: z.string().describe("The armoured public key"), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { client, project, fingerprint } = request.params;
      const { projectId } = await projectOf(request, request.params);
      const key = await findPgpKey(database, { projectId, fingerprint });
      if (key === undefined) throw noKey(request.params);
      const name = `${client}-${project}-${key.owner}-${fingerprint.slice(-16)}.asc`;
      return reply
        .header("content-type", "text/plain; charset=utf-8")
        .header("content-disposition", contentDisposition(name))
        .serializer(String)
        .send(key.publicKey);
    },
  );

  app.delete(
    `${PATH}/:fingerprint`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Retire a key of the client's, or delete a retired one of ours",
        description:
          "A key of the client's is not used any more, and can be imported again. A key of ours is gone, and what was " +
          "encrypted to it cannot be opened any more: only a retired one, and with a reason.",
        params: pgpKeyPathSchema,
        querystring: pgpKeyRemovalSchema,
        response: { 200: removedPgpKeySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { client, project, fingerprint } = request.params;
      const { reason } = request.query;
      const { projectId } = await projectOf(request, request.params);
      return await transaction(database, async (tx) => {
        await lockProjectKeys(tx, projectId);
        const key = await findPgpKey(tx, { projectId, fingerprint });
        if (key === undefined) throw noKey(request.params);
        const { id, owner, userId, state } = key;
        const removed = owner === "ours" ? ("deleted" as const) : ("retired" as const);
        if (removed === "deleted") {
          if (state === "active") {
            throw new Refusal(
              409,
              "key_active",
              "This is the project's active key. Rotate it first; what it opens stays open.",
            );
          }
          if (reason === undefined) {
            throw new Refusal(
              409,
              "reason_missing",
              "What was encrypted to this key cannot be opened without it: give a reason.",
            );
          }
          await deletePgpKey(tx, id);
        } else if (state === "active") {
          await retirePgpKey(tx, id);
        }
        if (removed === "deleted" || state === "active") {
          const detail = { owner, fingerprint, userId, reason };
          const action = removed === "deleted" ? "pgp-key.delete" : "pgp-key.retire";
          await recordAudit(tx, auditOf(request, action, { path: `${client}/${project}`, detail }));
        }
        return { owner, fingerprint, removed };
      });
    },
  );
}

const isOurActive = ({ owner, state }: { owner: string; state: string }) => owner === "ours" && state === "active";

const activeAlready = (fingerprint: string) =>
  new Refusal(
    409,
    "key_active",
    `This project has an active key of its own already, ${fingerprint}. Rotate it; the old one still opens what was encrypted to it.`,
  );

const noKey = ({ client, project, fingerprint }: ProjectName & { fingerprint: string }) =>
  notFound(
    "key_not_found",
    `Project ${client}/${project} has no OpenPGP key ${fingerprint}. GET /v1/clients/${client}/projects/${project}/keys lists its keys.`,
  );

/** The client's key is not ours, and ours not the client's. */
async function assertSameOwner(
  tx: Tx,
  { projectId, owner, fingerprint }: { projectId: number; owner: string; fingerprint: string },
): Promise<void> {
  const there = await findPgpKey(tx, { projectId, fingerprint });
  if (there === undefined || there.owner === owner) return;
  const message =
    owner === "theirs"
      ? "This is the project's own key, not the client's. Ask the client for the public key that it made."
      : "This key is stored as the client's. A key that both sides hold proves nothing: generate one of our own.";
  throw new Refusal(409, "key_of_other_owner", message);
}
