import type { Blobs } from "@inlet/blobs";
import {
  AppError,
  DRAFT_EDITS_MOST,
  draftBodySchema,
  draftChangedSchema,
  draftEditListSchema,
  draftEditQuerySchema,
  draftEditsBodySchema,
  draftFindingPageSchema,
  draftFindingQuerySchema,
  draftFixesBodySchema,
  draftListSchema,
  draftMappingBodySchema,
  draftQuerySchema,
  draftRowQuerySchema,
  draftRowsSchema,
  draftSchema,
  draftSubmittedSchema,
  draftUndoQuerySchema,
  idParamSchema,
  type Profile,
  projectPathSchema,
  trialBodySchema,
} from "@inlet/contracts";
import {
  type DraftDetailRow,
  type DraftRow,
  discardDraft,
  findDraft,
  findDraftFiles,
  findProject,
  listDraftEdits,
  listDrafts,
  liveProject,
  lockDraft,
  putDraftEdits,
  recordAudit,
  removeDraftEdits,
  requestDraftCheck,
  type Tx,
  transaction,
  WHOLE_RECORD,
} from "@inlet/database";
import { errorFileName } from "@inlet/structural-check";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { profileProblems } from "../projects/profile-checks.ts";
import { noProject } from "../projects/project-routes.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { beginDraft, tableFor } from "./begin-draft.ts";
import { noDraft, notChecked } from "./draft-refusals.ts";
import { readDraftFindings, readRows } from "./draft-rows.ts";
import { draftKey, openDraftStore, sourceKey } from "./draft-store.ts";
import { draftSummaryView, draftView, whyNotEditable } from "./draft-view.ts";
import { readEdits, readMapping } from "./mend-draft.ts";
import { submitChecked } from "./submit-draft.ts";

const tags = ["Drafts"];
const params = z.object({ id: idParamSchema });

/** Cells that are mended in one draft at most. */
const MOST_EDITS = 1_000_000;

/** Whose a draft is, as it is stored. */
const ownerOf = (request: FastifyRequest): string => {
  const { kind, id } = callerOf(request);
  return `${kind}:${id}`;
};

/** Files that are looked at, mended and checked before they are submitted. */
export function draftRoutes(app: RouteHost, { env, database, publisher, drafts }: ApiParts): void {
  const store = openDraftStore(env.INLET_DATA);
  const limits = {
    dataFolder: env.INLET_DATA,
    maxBytes: env.API_UPLOAD_BYTES,
    mostOpen: env.API_DRAFTS_PER_USER,
  };

  const view = async (id: number) => draftView((await findDraft(database, { draftId: id, scope: null }))!);

  const seen = async (request: FastifyRequest, id: number): Promise<DraftRow> => {
    const found = await findDraftFiles(database, { draftId: id, scope: callerOf(request).scope });
    if (found === undefined) throw noDraft(id);
    return found;
  };

  /** A draft whose last check can be read, also while it is checked again. */
  const readable = async (request: FastifyRequest, id: number) => {
    const draft = await seen(request, id);
    if (draft.checkFiles === null || draft.state === "submitted" || draft.state === "discarded")
      throw notChecked(draft);
    return draft as DraftRow & { checkFiles: NonNullable<DraftRow["checkFiles"]> };
  };

  const profileOf = async (draft: DraftRow): Promise<Profile> => {
    const profile = draft.trialProfile ?? (await liveProject(database, draft.projectId!))?.profile;
    if (profile === undefined) throw noDraft(draft.id);
    return profile;
  };

  /** Changes a draft under its lock and has it checked again. */
  const change = async (
    request: FastifyRequest,
    id: number,
    work: (tx: Tx, draft: DraftDetailRow) => Promise<Parameters<typeof requestDraftCheck>[1] | undefined>,
  ) => {
    const isRequested = await transaction(database, async (tx) => {
      const draft = await lockDraft(tx, { draftId: id, scope: callerOf(request).scope });
      if (draft === undefined) throw noDraft(id);
      if (draft.state === "submitted" || draft.state === "discarded" || draft.state === "uploading") {
        throw notChecked(draft);
      }
      const wanted = await work(tx, draft);
      if (wanted !== undefined) await requestDraftCheck(tx, wanted);
      return wanted !== undefined;
    });
    if (!isRequested) return;
    drafts.stop(id);
    drafts.kick();
  };

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
      const rows = await listDrafts(database, { owner: ownerOf(request), client, project, before, limit: limit + 1 });
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

  app.get(
    "/v1/drafts/:id/rows",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Look at rows of a draft",
        description:
          "A window of rows by place (`from`, `line`), or those with findings (`only=findings`, `finding=CODE`) page by page; of " +
          "each the asked-for columns, and its findings. Cells are the client's own text: never markup.",
        params,
        querystring: draftRowQuerySchema,
        response: { 200: draftRowsSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      return await latest(
        () => readable(request, id),
        (draft) => readRows({ database, store }, draft, request.query),
      );
    },
  );

  app.get(
    "/v1/drafts/:id/findings",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a draft's findings",
        description: "In the order of the file.",
        params,
        querystring: draftFindingQuerySchema,
        response: { 200: draftFindingPageSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      return await latest(
        () => readable(request, id),
        async (draft) => ({
          ...(await readDraftFindings({ database, store }, draft, request.query)),
          contentVersion: draft.checkedVersion ?? 1,
        }),
      );
    },
  );

  app.put(
    "/v1/drafts/:id/mapping",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Say what the file's labels mean",
        description:
          "All choices at once; labels that are not named are recognised as before. Then the file is checked again. With " +
          "`remember` the labels become aliases of the columns when the draft is submitted.",
        params,
        body: draftMappingBodySchema,
        response: { 200: draftSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { remember } = request.body;
      const draft = await readable(request, id);
      const columns = await readMapping(store, draft, { body: request.body, profile: await profileOf(draft) });
      await change(request, id, async () => ({ draftId: id, mapping: { columns, remember } }));
      return await view(id);
    },
  );

  app.get(
    "/v1/drafts/:id/edits",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "List the cells that were mended",
        description: "The last first.",
        params,
        querystring: draftEditQuerySchema,
        response: { 200: draftEditListSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const { id, editCount } = await seen(request, request.params.id);
      const rows = await listDraftEdits(database, {
        draftId: id,
        before: decodeCursor(cursor) ?? null,
        limit: limit + 1,
      });
      const { page, next } = pageOf(rows, limit, (row) => row.id);
      const edits = page.map(({ at, columnIndex, ...edit }) => ({
        ...edit,
        columnIndex: columnIndex === WHOLE_RECORD ? null : columnIndex,
        at: iso(at),
      }));
      return { edits, total: editCount, next };
    },
  );

  app.post(
    "/v1/drafts/:id/edits",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Mend cells",
        description: `At most ${DRAFT_EDITS_MOST} at once. Then the file is checked again; the uploaded one is kept until it is submitted.`,
        params,
        body: draftEditsBodySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const draft = await readable(request, id);
      assertEditable(draft);
      const edits = await readEdits(store, draft, request.body.edits);
      if (edits.length > 0) {
        await change(request, id, async (tx, locked) => {
          assertEditable(locked);
          assertRoom(locked, edits.length);
          await putDraftEdits(tx, { draftId: id, by: callerOf(request).name, edits });
          return { draftId: id };
        });
      }
      return { changed: edits.length, draft: await view(id) };
    },
  );

  app.delete(
    "/v1/drafts/:id/edits",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Take edits back",
        description: "All of them, or that of one cell. Then the file is checked again.",
        params,
        querystring: draftUndoQuerySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { record, columnIndex } = request.query;
      const cell = record === undefined || columnIndex === undefined ? null : { record, columnIndex };
      let changed = 0;
      await change(request, id, async (tx) => {
        changed = await removeDraftEdits(tx, { draftId: id, cell });
        return changed === 0 ? undefined : { draftId: id };
      });
      return { changed, draft: await view(id) };
    },
  );

  app.post(
    "/v1/drafts/:id/fixes",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Apply suggested replacements",
        description: "To all findings of a kind that have one. Then the file is checked again.",
        params,
        body: draftFixesBodySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { code, column = null } = request.body;
      let changed = 0;
      await change(request, id, async (_tx, draft) => {
        // What is suggested is of the last check: it has to be of this very content.
        if (draft.state !== "checked" || draft.checked === null) throw notChecked(draft);
        assertEditable(draft);
        changed = fixableOf(draft.checked.findings, { code, column });
        if (changed === 0) {
          throw new Refusal(409, "fixes_none", `No finding ${code}${column ? ` of ${column}` : ""} has a fix.`);
        }
        assertRoom(draft, changed);
        return { draftId: id, pendingFix: { code, column, by: callerOf(request).name } };
      });
      return { changed, draft: await view(id) };
    },
  );

  app.post(
    "/v1/drafts/:id/check",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Check a draft again",
        description:
          "For when something beside the file has changed: a key or a password was stored, rows that it refers to were imported.",
        params,
        response: { 202: draftSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await change(request, id, async (_tx, { state }) => (state === "checking" ? undefined : { draftId: id }));
      reply.status(202);
      return await view(id);
    },
  );

  app.get(
    "/v1/drafts/:id/errors",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Download the error file",
        description:
          "The rows that failed, each with what is wrong with it, for a spreadsheet: cells that a spreadsheet would take for a formula are escaped.",
        produces: ["text/csv"],
        params,
        response: { 200: z.any().describe("The file's bytes"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const draft = await readable(request, request.params.id);
      const { errors: key, plain } = draft.checkFiles;
      if (key === null) throw notFound("errors_none", "The check found nothing that an error file would hold.");
      const name = errorFileName(draft.fileName, plain.name);
      return await sendFile(request, reply, { key, name, store, type: "text/csv; charset=utf-8" });
    },
  );

  app.get(
    "/v1/drafts/:id/content",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Download the file as it would be submitted",
        description: "With the edits in it; all else is the client's own bytes.",
        produces: ["application/octet-stream"],
        params,
        response: { 200: z.any().describe("The file's bytes"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const draft = await readable(request, request.params.id);
      const { content, plain } = draft.checkFiles;
      const key = content.key === plain.key ? sourceKey(draft) : content.key;
      return await sendFile(request, reply, { key, name: draft.fileName, store, type: "application/octet-stream" });
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
      if (await discardDraft(database, id)) {
        const path = `${draft.client}/${draft.project}/${draft.fileName}`;
        await recordAudit(database, auditOf(request, "draft.discard", { path, detail: { draftId: id } }));
      }
      drafts.stop(id);
      // What a thread writes at this moment, the sweep removes.
      await store.remove(draftKey(draft));
      return reply.status(204).send();
    },
  );
}

/** Reads a draft's files; once more where a newer check has put others in their place meanwhile. */
async function latest<Row, T>(find: () => Promise<Row>, read: (row: Row) => Promise<T>): Promise<T> {
  try {
    return await read(await find());
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "blob_missing") throw error;
  }
  return await read(await find());
}

function assertEditable(draft: DraftRow): void {
  const why = whyNotEditable(draft);
  if (why !== null) throw new Refusal(409, "draft_not_editable", why);
}

function assertRoom({ editCount }: DraftRow, more: number): void {
  if (editCount + more <= MOST_EDITS) return;
  throw new Refusal(
    409,
    "edits_too_many",
    `At most ${MOST_EDITS} cells of a file are mended here. Download the error file, mend the file itself, and upload it again.`,
  );
}

/** How many findings of a kind have a fix that can be applied. */
function fixableOf(
  { byCode, byColumn }: NonNullable<DraftDetailRow["checked"]>["findings"],
  { code, column }: { code: string; column: string | null },
): number {
  const ofCode = byCode.filter((total) => total.code === code).reduce((sum, { fixable }) => sum + fixable, 0);
  if (column === null) return ofCode;
  const ofColumn = byColumn.filter((total) => total.column === column).reduce((sum, { fixable }) => sum + fixable, 0);
  return Math.min(ofCode, ofColumn);
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { key, name, store, type }: { key: string; name: string; store: Blobs; type: string },
) {
  const reader = await store.open(key);
  // The response ends in any case, the stream does not: one that nobody began to read is not closed by its end.
  const close = () => void reader.close().catch((err) => request.log.warn({ err }, "could not close a draft's file"));
  if (reply.raw.closed) close();
  else reply.raw.once("close", close);
  return reply
    .header("content-type", type)
    .header("content-length", reader.sizeBytes)
    .header("content-disposition", contentDisposition(name))
    .serializer(String)
    .send(reader.stream());
}
