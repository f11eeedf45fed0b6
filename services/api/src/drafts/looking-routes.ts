import type { Blobs } from "@inlet/blobs";
import {
  AppError,
  draftEditListSchema,
  draftEditQuerySchema,
  draftFindingPageSchema,
  draftFindingQuerySchema,
  draftRowQuerySchema,
  draftRowsSchema,
  idParamSchema,
} from "@inlet/contracts";
import { listDraftEdits, WHOLE_RECORD } from "@inlet/database";
import { errorFileName } from "@inlet/structural-check";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { errors } from "../openapi/openapi.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import type { DraftDesk } from "./draft-desk.ts";
import { readDraftFindings, readRows } from "./draft-rows.ts";
import { sourceKey } from "./draft-store.ts";

const tags = ["Drafts"];
const params = z.object({ id: idParamSchema });

/** What is in a draft: rows, findings, edits, files. */
export function lookingRoutes(app: RouteHost, { database }: ApiParts, { store, seen, readable }: DraftDesk): void {
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
