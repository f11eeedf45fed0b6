import { requestedRange } from "@inlet/blobs";
import {
  assetFilePathSchema,
  assetListSchema,
  assetPathSchema,
  assetSchema,
  projectPathSchema,
} from "@inlet/contracts";
import {
  findAsset,
  lockAsset,
  lockStoryboards,
  projectAssetFile,
  recordAudit,
  removeAsset,
  transaction,
} from "@inlet/database";
import { z } from "zod";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { assetView } from "./asset-view.ts";
import { type StoryboardPlace, storyboardPlace } from "./storyboard-place.ts";
import { assetUses, storyboardState, usesOf } from "./storyboard-state.ts";

const tags = ["Storyboards"];
const ASSETS = "/v1/clients/:client/projects/:project/assets";
/** Of a slow caller's download this much lies in memory. */
const CHUNK_BYTES = 128 * 1024;

/** The files that storyboards show. */
export function assetRoutes(app: RouteHost, { database, blobs }: ApiParts): void {
  app.get(
    ASSETS,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a project's assets",
        description: "By name. Of one name first the file that is shown, then the one that is to take its place.",
        params: projectPathSchema,
        response: { 200: assetListSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { projectId } = await storyboardPlace(database, request);
      const state = await storyboardState(database, projectId);
      return { assets: state.assets.map((row) => assetView(row, usesOf(state))) };
    },
  );

  app.get(
    `${ASSETS}/:asset`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show an asset",
        description: "By its number, also when another file has taken its place: so an upload is followed to its end.",
        params: assetPathSchema,
        response: { 200: assetSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { projectId } = place;
      const row = await findAsset(database, { projectId, assetId: request.params.asset });
      if (row === undefined) throw noAsset(place, request.params.asset);
      return assetView(row, await assetUses(database, projectId));
    },
  );

  app.delete(
    `${ASSETS}/:asset`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Remove an asset",
        description:
          "Not while the draft or the live version shows it. Versions that were published with it keep it, so that one can go back " +
          "to them. An upload that was refused, or is still on its way, is removed at any time.",
        params: assetPathSchema,
        response: { 204: z.void().describe("It is gone"), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const place = await storyboardPlace(database, request);
      const { projectId, client, project } = place;
      const { asset: assetId } = request.params;
      await transaction(database, async (tx) => {
        await lockStoryboards(tx, projectId);
        await lockAsset(tx, { projectId, assetId });
        const state = await storyboardState(tx, projectId);
        const row = state.assets.find(({ id }) => id === assetId);
        if (row === undefined) throw noAsset(place, assetId);
        const { name, usedIn } = assetView(row, usesOf(state));
        if (row.state === "ready" && usedIn.length > 0) throw inUse(name, usedIn);
        await removeAsset(tx, { projectId, assetId });
        const path = `${client}/${project}/${name}`;
        await recordAudit(tx, auditOf(request, "asset.remove", { path, detail: { assetId, name } }));
      });
      reply.status(204);
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/asset-files/:sha256",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Download what an asset became",
        description:
          "The file that everybody sees, by its SHA-256; never what was uploaded. It may be kept for ever. `Range` is answered.",
        produces: ["image/webp", "video/mp4", "audio/mp4"],
        params: assetFilePathSchema,
        response: {
          200: z.any().describe("The file's bytes"),
          206: z.any().describe("The part that was asked for"),
          ...errors(404),
        },
      },
    },
    async (request, reply) => {
      const { projectId, client, project } = await storyboardPlace(database, request);
      const { sha256 } = request.params;
      const file = await projectAssetFile(database, { projectId, sha256 });
      if (file === undefined) {
        throw notFound("asset_not_found", `${client}/${project} has no asset with the SHA-256 ${sha256}.`);
      }
      const { blobKey, mediaType } = file;
      const reader = await blobs.open(blobKey);
      // The response ends in any case, the stream does not: one that nobody began to read is not closed by its end.
      const close = () =>
        void reader.close().catch((err) => request.log.warn({ err }, "could not close a stored file"));
      if (reply.raw.closed) close();
      else reply.raw.once("close", close);
      const { sizeBytes } = reader;
      const etag = `"${sha256}"`;
      reply.headers({
        "content-type": mediaType,
        "cache-control": "private, max-age=31536000, immutable",
        "accept-ranges": "bytes",
        etag,
      });
      const { range: header, "if-range": ifRange } = request.headers;
      const range = requestedRange(header, { sizeBytes, etag, ifRange: ifRange as string | undefined });
      if (range === "unsatisfiable") {
        return reply
          .code(416 as 200)
          .header("content-range", `bytes */${sizeBytes}`)
          .serializer(String)
          .send("");
      }
      const { start, end } = range ?? { start: 0, end: sizeBytes };
      if (range !== undefined) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
      return reply
        .header("content-length", end - start)
        .serializer(String)
        .send(reader.stream({ start, end, chunkBytes: CHUNK_BYTES }));
    },
  );
}

const noAsset = ({ client, project }: StoryboardPlace, id: number) =>
  notFound(
    "asset_not_found",
    `${client}/${project} has no asset ${id}. GET /v1/clients/${client}/projects/${project}/assets lists what it has.`,
  );

const PLACES = { draft: "the draft", live: "the live version" } as const;

function inUse(name: string, usedIn: readonly (keyof typeof PLACES)[]): Refusal {
  const [where, verb] = [usedIn.map((each) => PLACES[each]).join(" and "), usedIn.length === 1 ? "shows" : "show"];
  const advice = usedIn.includes("live")
    ? "Publish a version without it first, or upload another file of its name."
    : "Take it out of the draft first, or upload another file of its name.";
  const sentence = `${where} ${verb} ${name}. ${advice}`;
  return new Refusal(409, "asset_in_use", sentence.charAt(0).toUpperCase() + sentence.slice(1));
}
