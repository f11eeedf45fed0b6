import { artifactKindSchema, idParamSchema } from "@inlet/contracts";
import { findArtifact, findBatchClient, recordAudit } from "@inlet/database";
import { filesOver } from "@inlet/pipeline";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { isForClients } from "../views.ts";
import { noBatch } from "./batch-page.ts";

/** Downloads of a batch's stored files. */
export function artifactRoutes(app: RouteHost, { database, blobs }: ApiParts): void {
  app.get(
    "/v1/batches/:id/artifacts/:kind",
    {
      config: { access: "files" },
      schema: {
        tags: ["Batches"],
        summary: "Download a stored file",
        description: "As it is stored, byte for byte, under its own name. Its SHA-256 is in `Repr-Digest` (RFC 9530).",
        produces: ["application/octet-stream"],
        params: z.object({ id: idParamSchema, kind: artifactKindSchema }),
        response: { 200: z.any().describe("The file's bytes"), ...errors(404, 410) },
      },
    },
    async (request, reply) => {
      const { id, kind } = request.params;
      const { scope } = callerOf(request);
      const batch = await findBatchClient(database, { batchId: id, scope });
      if (batch === undefined) throw noBatch(id);
      const artifact =
        scope === null || isForClients(kind) ? await findArtifact(database, { batchId: id, kind }) : undefined;
      if (artifact === undefined) {
        assertKept(batch, id);
        throw notFound(
          "artifact_not_found",
          `Batch ${id} has no ${kind} file. GET /v1/batches/${id} lists what it has.`,
        );
      }
      const { name: path, sha256 } = artifact;
      await recordAudit(
        database,
        auditOf(request, "artifact.download", { path, sha256, detail: { batchId: id, kind } }),
      );
      const reader = await blobs.open(artifact.blobKey).catch(async (error: unknown) => {
        // Its files may have been deleted since we looked.
        const now = await findBatchClient(database, { batchId: id, scope });
        if (now !== undefined) assertKept(now, id);
        throw error;
      });
      // The response ends in any case, the stream does not: one that nobody began to read is not closed by its end.
      const close = () =>
        void reader.close().catch((err) => request.log.warn({ err }, "could not close a stored file"));
      if (reply.raw.closed) close();
      else reply.raw.once("close", close);
      return reply
        .header("content-type", "application/octet-stream")
        .header("content-length", reader.sizeBytes)
        .header("content-disposition", contentDisposition(artifact.name))
        .header("repr-digest", `sha-256=:${artifact.sha256.toString("base64")}:`)
        .serializer(String)
        .send(reader.stream());
    },
  );
}

/** @throws Refusal 410 when the batch's files were deleted */
function assertKept(batch: Omit<Parameters<typeof filesOver>[0], "batchId">, batchId: number): void {
  const over = filesOver({ ...batch, batchId });
  if (over?.code === "files_deleted") throw new Refusal(410, over.code, over.message);
}
