import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  bytes,
  InvalidInput,
  idParamSchema,
  inferQuerySchema,
  inferredTableSchema,
  Unavailable,
} from "@inlet/contracts";
import { beginDraftContent, type DraftRow, endDraftContent, findDraftFiles, noteDraftContent } from "@inlet/database";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { uploadFolder } from "../env.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts } from "../route-host.ts";
import { assertDiskRoom } from "./begin-draft.ts";
import { noDraft, notChecked } from "./draft-refusals.ts";
import { draftsFolder, sourceKey } from "./draft-store.ts";
import { appendContent, TAKE_OVER_AFTER_MS, takenOver } from "./receive-content.ts";

const tags = ["Drafts"];
const params = z.object({ id: idParamSchema });

/** A sample that a table is made for, at most. */
const MOST_SAMPLE_BYTES = 20 * 1024 * 1024;

/**
 * The content of drafts, in pieces that can be taken up again (as IETF's resumable uploads and tus have it), and samples.
 * Registered in a scope of its own: bodies are left as streams here.
 */
export function draftContentRoutes(plain: FastifyInstance, { env, database, drafts }: ApiParts): void {
  plain.removeAllContentTypeParsers();
  plain.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const app = plain.withTypeProvider<ZodTypeProvider>();

  const find = async (id: number, scope: number | null): Promise<DraftRow> => {
    const draft = await findDraftFiles(database, { draftId: id, scope });
    if (draft === undefined) throw noDraft(id);
    return draft;
  };

  app.route({
    method: "HEAD",
    url: "/v1/drafts/:id/content",
    config: { access: "send" },
    schema: {
      tags,
      summary: "Ask how much of a draft's content is here",
      description:
        "`Upload-Offset` says where to go on, `Upload-Length` how long it is, `Upload-Complete` whether it is all.",
      params,
      response: { 204: z.void().describe("See the headers"), ...errors(404) },
    },
    handler: async (request, reply) => {
      const draft = await find(request.params.id, callerOf(request).scope);
      sayOffset(reply, draft).header("cache-control", "no-store").status(204).send();
      return reply;
    },
  });

  app.patch(
    "/v1/drafts/:id/content",
    {
      config: { access: "send" },
      // A body that nobody reads any more would hold the connection until its end.
      onError: async (_request, reply) => void reply.header("connection", "close"),
      schema: {
        tags,
        summary: "Send content of a draft",
        description:
          "A piece of any length, from `Upload-Offset` on, whatever its content type. What came before a connection was lost is " +
          "kept: ask by HEAD, and go on there. With the answer the piece is on disk; with the last one the file is checked.",
        consumes: ["application/octet-stream", "application/partial-upload", "application/offset+octet-stream"],
        params,
        headers: z.object({
          "upload-offset": z.string().optional().describe("Where the piece begins, from 0"),
        }),
        response: { 204: z.void().describe("Kept; see `Upload-Offset`"), ...errors(404, 409, 413, 507) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const draft = await find(id, callerOf(request).scope);
      const offset = readOffset(request.headers["upload-offset"]);
      const length = Number(request.headers["content-length"] ?? 0);
      if (draft.state === "submitted" || draft.state === "discarded") throw notChecked(draft);
      if (offset !== draft.receivedBytes || draft.state !== "uploading") throw differs(reply, draft, offset);
      if (offset + length > draft.sizeBytes) {
        throw new Refusal(
          413,
          "draft_too_long",
          `The file was announced with ${draft.sizeBytes} bytes; from ${offset} on ${length} are too many. Nothing was kept.`,
        );
      }
      await assertDiskRoom(env.INLET_DATA, length);
      const writer = randomUUID();
      const begun = await beginDraftContent(database, { draftId: id, writer, takeOverAfterMs: TAKE_OVER_AFTER_MS });
      if (begun === undefined) throw takenOver();
      if (begun.receivedBytes !== offset) {
        await endDraftContent(database, { draftId: id, writer, receivedBytes: begun.receivedBytes });
        throw differs(reply, { ...draft, receivedBytes: begun.receivedBytes }, offset);
      }
      const { receivedBytes, failure } = await append(draft, { writer, offset, body: request.raw });
      const ended = await endDraftContent(database, { draftId: id, writer, receivedBytes });
      if (ended?.isComplete) drafts.kick();
      if (failure !== null) throw asDiskFull(failure);
      if (ended === undefined) throw takenOver();
      sayOffset(reply, { ...draft, receivedBytes })
        .status(204)
        .send();
      return reply;
    },
  );

  async function append(
    draft: DraftRow,
    { writer, offset, body }: { writer: string; offset: number; body: AsyncIterable<Uint8Array> },
  ) {
    const { id: draftId, sizeBytes } = draft;
    const path = join(draftsFolder(env.INLET_DATA), sourceKey(draft));
    const ofDraft = dirname(path);
    const folders = [ofDraft, dirname(ofDraft), draftsFolder(env.INLET_DATA), env.INLET_DATA];
    try {
      return await appendContent(body, {
        ...{ path, offset, sizeBytes, folders },
        note: (receivedBytes) => noteDraftContent(database, { draftId, writer, receivedBytes }),
      });
    } catch (error) {
      // Nothing is known of what came since it was last said: it is sent again.
      const failure: unknown = error;
      const said = await findDraftFiles(database, { draftId, scope: null });
      return { receivedBytes: said?.receivedBytes ?? offset, failure };
    }
  }

  app.post(
    "/v1/infer",
    {
      config: { access: "configure" },
      onError: async (_request, reply) => void reply.header("connection", "close"),
      schema: {
        tags: ["Projects"],
        summary: "Make a table for a sample file",
        description:
          `The body is a sample, byte for byte, up to ${bytes(MOST_SAMPLE_BYTES)}; it may come in a ZIP. The answer is the table that ` +
          "`inlet init` would write: columns, types, format, and the pattern of the files' names. Nothing is kept.",
        consumes: ["application/octet-stream"],
        querystring: inferQuerySchema,
        response: { 200: inferredTableSchema, ...errors(413, 507) },
      },
    },
    async (request) => {
      const { fileName } = request.query;
      // Among the uploads: what a crash leaves there is swept.
      const path = join(uploadFolder(env.INLET_DATA), randomUUID());
      if (Number(request.headers["content-length"] ?? 0) > MOST_SAMPLE_BYTES) throw sampleTooLarge();
      try {
        await assertDiskRoom(env.INLET_DATA, MOST_SAMPLE_BYTES);
        const { receivedBytes, failure } = await appendContent(request.raw, {
          ...{ path, offset: 0, sizeBytes: MOST_SAMPLE_BYTES, folders: [] },
          note: async () => true,
        });
        if (failure instanceof Refusal) throw sampleTooLarge();
        if (failure !== null) throw asDiskFull(failure);
        if (receivedBytes === 0) throw new Refusal(400, "sample_unreadable", "The sample is empty.");
        return await drafts.infer({ path, fileName }, AbortSignal.timeout(INFER_MS));
      } catch (error) {
        if (!(error instanceof InvalidInput) || error instanceof Refusal) throw error;
        throw new Refusal(400, "sample_unreadable", error.message);
      } finally {
        await rm(path, { force: true });
        await rm(`${path}.plain`, { force: true });
      }
    },
  );
}

/** Longer than any sample of that size takes on a busy machine. */
const INFER_MS = 60_000;

const sampleTooLarge = () =>
  new Refusal(
    413,
    "file_too_large",
    `A sample may have at most ${bytes(MOST_SAMPLE_BYTES)}. Send the first part of the file.`,
  );

function readOffset(header: string | undefined): number {
  if (header !== undefined && /^\d{1,15}$/.test(header)) return Number(header);
  throw new Refusal(400, "upload_offset_missing", "Say in `Upload-Offset` where this piece begins, from 0.");
}

function sayOffset(reply: FastifyReply, { receivedBytes, sizeBytes }: Pick<DraftRow, "receivedBytes" | "sizeBytes">) {
  return reply
    .header("upload-offset", receivedBytes)
    .header("upload-length", sizeBytes)
    .header("upload-complete", receivedBytes === sizeBytes ? "?1" : "?0");
}

function differs(reply: FastifyReply, draft: DraftRow, offset: number): Refusal {
  sayOffset(reply, draft);
  const { receivedBytes, sizeBytes } = draft;
  const advice = receivedBytes === sizeBytes ? "It is complete." : `Go on at ${receivedBytes}.`;
  return new Refusal(
    409,
    "upload_offset_differs",
    `${receivedBytes} of ${sizeBytes} bytes are here, and this piece begins at ${offset}. ${advice}`,
  );
}

function asDiskFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new Unavailable({
    code: "disk_full",
    message: "There is no room for this file at the moment. What came is kept; go on later.",
    cause: error,
  });
}
