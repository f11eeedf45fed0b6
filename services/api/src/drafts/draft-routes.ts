import {
  draftBodySchema,
  draftListSchema,
  draftQuerySchema,
  draftSchema,
  draftSubmittedSchema,
  idParamSchema,
  projectPathSchema,
  trialBodySchema,
} from "@inlet/contracts";
import { discardDraft, findDraft, findProject, listDrafts, recordAudit, transaction } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { profileProblems } from "../projects/profile-checks.ts";
import { noProject } from "../projects/project-routes.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { beginDraft, tableFor } from "./begin-draft.ts";
import { openDesk } from "./draft-desk.ts";
import { noDraft, notChecked } from "./draft-refusals.ts";
import { draftKey } from "./draft-store.ts";
import { draftSummaryView, draftView } from "./draft-view.ts";
import { lookingRoutes } from "./looking-routes.ts";
import { mendingRoutes } from "./mending-routes.ts";
import { submitChecked } from "./submit-draft.ts";

const tags = ["Drafts"];
const params = z.object({ id: idParamSchema });

/** Whose a draft is, as it is stored. */
const ownerOf = (request: FastifyRequest): string => {
  const { kind, id } = callerOf(request);
  return `${kind}:${id}`;
};

/** Files that are looked at, mended and checked before they are submitted. */
export function draftRoutes(app: RouteHost, parts: ApiParts): void {
  const { env, database, publisher, drafts } = parts;
  const desk = openDesk(parts);
  const { store, view, seen } = desk;
  const limits = {
    dataFolder: env.INLET_DATA,
    maxBytes: env.API_UPLOAD_BYTES,
    mostOpen: env.API_DRAFTS_PER_USER,
  };
  lookingRoutes(app, parts, desk);
  mendingRoutes(app, desk);

  app.post(
    "/v1/clients/:client/projects/:project/drafts",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Begin a draft",
        description:
          "Announces a file; its content follows by PATCH. The table is the chosen one, or the one that the name belongs to.",
        params: projectPathSchema,
        body: draftBodySchema,
        response: { 201: draftSchema, ...errors(404, 409, 413, 507) },
      },
    },
    async (request, reply) => {
      const { client, project } = request.params;
      const { fileName, sizeBytes, table, records, lastModified } = request.body;
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const { clientId, projectId, profile } = found;
      const id = await beginDraft(
        database,
        {
          ...{ owner: ownerOf(request), createdBy: callerOf(request).name, clientId, projectId, client, project },
          ...{ trialProfile: null, fileName, sizeBytes, declaredRecords: records ?? null },
          ...{ tableName: tableFor(profile, { fileName, table }) ?? null, tableChosen: table !== undefined },
          lastModified: lastModified === undefined ? null : new Date(lastModified),
        },
        {
          limits,
          audit: (draftId) =>
            auditOf(request, "draft.begin", {
              path: `${client}/${project}/${fileName}`,
              detail: { draftId, sizeBytes },
            }),
        },
      );
      drafts.expect();
      reply.status(201).header("location", `/v1/drafts/${id}`);
      return await view(id);
    },
  );

  app.post(
    "/v1/trials",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Begin a trial",
        description:
          "A draft that is held against a profile which nobody saved: the same routes as for any other, and it is never submitted.",
        body: trialBodySchema,
        response: { 201: draftSchema, ...errors(409, 413, 507) },
      },
    },
    async (request, reply) => {
      const { profile, fileName, sizeBytes, table, records, lastModified } = request.body;
      const problems = profileProblems(profile);
      if (problems.length > 0) {
        const inProfile = problems.map(({ path, message }) => ({ path: ["profile", ...path], message }));
        throw new Refusal(400, "profile_invalid", "The profile has mistakes; see errors.", inProfile);
      }
      const { client, project } = profile;
      const found = await findProject(database, { client, project, scope: null });
      const id = await beginDraft(
        database,
        {
          ...{ owner: ownerOf(request), createdBy: callerOf(request).name, client, project },
          ...{ clientId: found?.clientId ?? null, projectId: found?.projectId ?? null, trialProfile: profile },
          ...{ fileName, sizeBytes, declaredRecords: records ?? null },
          ...{ tableName: tableFor(profile, { fileName, table }) ?? null, tableChosen: table !== undefined },
          lastModified: lastModified === undefined ? null : new Date(lastModified),
        },
        {
          limits,
          audit: (draftId) =>
            auditOf(request, "trial.begin", {
              path: `${client}/${project}/${fileName}`,
              detail: { draftId, sizeBytes },
            }),
        },
      );
      drafts.expect();
      reply.status(201).header("location", `/v1/drafts/${id}`);
      return await view(id);
    },
  );

  app.get(
    "/v1/drafts",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List your own drafts",
        description: "Newest first; those that were discarded are left out.",
        querystring: draftQuerySchema,
        response: { 200: draftListSchema, ...errors() },
      },
    },
    async (request) => {
      const { cursor, limit, client = null, project = null } = request.query;
      const before = decodeCursor(cursor) ?? null;
      const { scope } = callerOf(request);
      const owner = ownerOf(request);
      const rows = await listDrafts(database, { owner, scope, client, project, before, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, ({ id }) => id);
      return { drafts: page.map(draftSummaryView), next };
    },
  );

  app.get(
    "/v1/drafts/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a draft with its check",
        description: "With its progress while it is checked. `check` is of the last check that came to an end.",
        params,
        response: { 200: draftSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = await findDraft(database, { draftId: id, scope: callerOf(request).scope });
      if (found === undefined) throw noDraft(id);
      return draftView(found);
    },
  );

  app.post(
    "/v1/drafts/:id/submit",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Submit a draft",
        description:
          "Makes it a file that arrived, once, however often it is asked. Refused while the check fails under the project's " +
          "policy; and when the profile has changed since the check: then it is being checked anew.",
        params,
        response: { 202: draftSubmittedSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { scope, name } = callerOf(request);
      const outcome = await submitChecked(
        { database, store, dataFolder: env.INLET_DATA },
        {
          place: { draftId: id, scope },
          actor: name,
          audit: (action, facts) => auditOf(request, action, facts),
        },
      );
      if (outcome.kind === "again") {
        drafts.kick();
        throw new Refusal(
          409,
          "profile_changed",
          "The project's profile has changed since this file was checked. It is being checked again; look at the result, then submit.",
        );
      }
      if (outcome.isNew) await publisher.arrivals([outcome.submitted.arrivalId]);
      reply.status(202);
      return outcome.submitted;
    },
  );

  app.delete(
    "/v1/drafts/:id",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Discard a draft",
        description: "Its files go. A draft that is submitted stays as it is.",
        params,
        response: { 204: z.void().describe("Discarded"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const draft = await seen(request, id);
      if (draft.state === "submitted") throw notChecked(draft);
      const path = `${draft.client}/${draft.project}/${draft.fileName}`;
      const isDone = await transaction(database, async (tx) => {
        const isDiscarded = await discardDraft(tx, id);
        if (isDiscarded) await recordAudit(tx, auditOf(request, "draft.discard", { path, detail: { draftId: id } }));
        return isDiscarded;
      });
      if (!isDone) {
        // Somebody else was faster, with the one or with the other.
        const now = await seen(request, id);
        if (now.state === "submitted") throw notChecked(now);
      }
      drafts.stop(id);
      // What a thread writes at this moment, also while its folder goes, the sweep removes.
      await store
        .remove(draftKey(draft))
        .catch((err) => request.log.warn({ err }, "left a draft's files to the sweep"));
      return reply.status(204).send();
    },
  );
}
