import { arrivalSchema, idParamSchema, projectPathSchema, uploadedSchema, uploadQuerySchema } from "@inlet/contracts";
import { findArrival, findProject, insertUpload, recordAudit, transaction } from "@inlet/database";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts } from "../route-host.ts";
import { arrivalView } from "../views.ts";
import { isCommitUnclear } from "./commit-unclear.ts";
import { discardFile, type ReceivedFile, receiveFile } from "./upload-file.ts";

const tags = ["Upload"];

/** Sending a file without SFTP. Registered in a scope of its own: bodies are left as streams here. */
export function uploadRoutes(plain: FastifyInstance, { env, database, publisher }: ApiParts): void {
  plain.removeAllContentTypeParsers();
  plain.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.post(
    "/v1/clients/:client/projects/:project/files",
    {
      config: { access: "send" },
      // A body that nobody reads any more would hold the connection until its end.
      onError: async (_request, reply) => void reply.header("connection", "close"),
      schema: {
        tags,
        summary: "Upload a file",
        description:
          "The body is the file, byte for byte, whatever its content type. With the answer it is on disk and will be " +
          "dealt with. `Content-Digest` (RFC 9530, sha-256) is compared when given. The number of records may stand " +
          "in the query or in the header `Inlet-Records`.",
        consumes: ["application/octet-stream"],
        params: projectPathSchema,
        querystring: uploadQuerySchema,
        headers: z.object({
          "content-digest": z.string().optional().describe("`sha-256=:BASE64:`"),
          "inlet-records": z.coerce.number().int().min(0).optional().describe("How many records the file holds"),
        }),
        response: { 202: uploadedSchema.describe("Received whole"), ...errors(404, 413, 507) },
      },
    },
    async (request, reply) => {
      const { client, project } = request.params;
      const { name: fileName, records } = request.query;
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const maxBytes = env.API_UPLOAD_BYTES;
      if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
        throw new Refusal(413, "file_too_large", `A file may have at most ${maxBytes} bytes here.`);
      }
      const expectedSha256 = readDigest(request.headers["content-digest"]);
      const file = await receiveFile(request.raw, { dataFolder: env.INLET_DATA, maxBytes, expectedSha256 });
      const declaredRecords = records ?? request.headers["inlet-records"] ?? null;
      const arrivalId = await record({ ...file, fileName, declaredRecords, projectId: found.projectId });
      await publisher.arrivals([arrivalId]);
      reply.status(202);
      return { arrivalId, fileName, sizeBytes: file.sizeBytes, sha256: file.sha256.toString("hex") };

      async function record(
        upload: ReceivedFile & { fileName: string; declaredRecords: number | null; projectId: number },
      ) {
        try {
          return await transaction(database, async (tx) => {
            const id = await insertUpload(tx, upload);
            const detail = { arrivalId: id, sizeBytes: upload.sizeBytes };
            const path = `${client}/${project}/${fileName}`;
            await recordAudit(tx, auditOf(request, "file.upload", { path, sha256: upload.sha256, detail }));
            return id;
          });
        } catch (error) {
          // A COMMIT whose answer got lost may stand: then the arrival names the file, and the sweep keeps it.
          if (!isCommitUnclear(error)) await discardFile(env.INLET_DATA, upload.location);
          throw error;
        }
      }
    },
  );

  app.get(
    "/v1/arrivals/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show what became of a file that arrived",
        description: "`batchId` is there as soon as the file is a batch, a moment after its upload.",
        params: z.object({ id: idParamSchema }),
        response: { 200: arrivalSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const row = await findArrival(database, { arrivalId: id, scope: callerOf(request).scope });
      if (row === undefined) throw notFound("arrival_not_found", `There is no arrival ${id}.`);
      return arrivalView(row);
    },
  );
}

function readDigest(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header)?.[1];
  if (base64 === undefined) {
    throw new Refusal(
      400,
      "digest_unknown",
      "Content-Digest is read as sha-256=:BASE64: (RFC 9530). Write it so, or leave it out.",
    );
  }
  return Buffer.from(base64, "base64");
}
