import { ASSET_BYTES, assetSchema, assetUploadQuerySchema, bytes, projectPathSchema } from "@inlet/contracts";
import { transaction } from "@inlet/database";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { errors } from "../openapi/openapi.ts";
import type { ApiParts } from "../route-host.ts";
import { isCommitUnclear } from "../uploads/commit-unclear.ts";
import { assertAssetRoom } from "./asset-room.ts";
import { assetView } from "./asset-view.ts";
import { assetTooLarge, receiveAsset } from "./receive-asset.ts";
import { recordAsset } from "./record-asset.ts";
import { storyboardPlace } from "./storyboard-place.ts";
import { assetUses } from "./storyboard-state.ts";

/** Sending files for storyboards. Registered in a scope of its own: bodies are left as streams here. */
export function assetUploadRoutes(plain: FastifyInstance, { database, publisher, blobs }: ApiParts): void {
  plain.removeAllContentTypeParsers();
  plain.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.post(
    "/v1/clients/:client/projects/:project/assets",
    {
      config: { access: "configure" },
      // A body that nobody reads any more would hold the connection until its end.
      onError: async (_request, reply) => void reply.header("connection", "close"),
      schema: {
        tags: ["Storyboards"],
        summary: "Upload a file for storyboards",
        description:
          `The body is an image, a video or a sound, byte for byte, up to ${bytes(ASSET_BYTES)}. It is made anew before anybody ` +
          "sees it, within seconds: ask for the asset until it is `ready`, or `refused` with the reason. A file of the same " +
          "name is shown until then. Versions that were published keep the files that they had.",
        consumes: ["application/octet-stream"],
        params: projectPathSchema,
        querystring: assetUploadQuerySchema,
        response: { 202: assetSchema.describe("Received whole"), ...errors(404, 409, 413, 507) },
      },
    },
    async (request, reply) => {
      const place = await storyboardPlace(database, request);
      const { name, fileName = name } = request.query;
      const announcedBytes = Number(request.headers["content-length"] ?? 0);
      if (announcedBytes > ASSET_BYTES) throw assetTooLarge();
      // Before the disk has it, and once more when it is recorded.
      await assertAssetRoom(database, { projectId: place.projectId, sizeBytes: announcedBytes });
      const stored = await receiveAsset(request.raw, { blobs, client: place.client });
      const mediaType = request.headers["content-type"];
      const recorded = await transaction(database, (tx) =>
        recordAsset(tx, request, { place, asset: { name, fileName, mediaType, stored } }),
      ).catch(async (error) => {
        // A COMMIT whose answer got lost may stand: then the asset names the blob, and the sweep keeps it.
        if (!isCommitUnclear(error)) await blobs.remove(stored.key);
        throw error;
      });
      await publisher.assets([recorded.ref]);
      reply.status(202);
      return assetView(recorded.row, await assetUses(database, place.projectId));
    },
  );
}
