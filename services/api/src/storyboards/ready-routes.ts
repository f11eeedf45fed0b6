import { readFile } from "node:fs/promises";
import type { StoredBlob } from "@inlet/blobs";
import {
  beginFromReadyBodySchema,
  projectPathSchema,
  readyAssetPathSchema,
  readyStoryboardListSchema,
  storyboardDraftSchema,
  storyboardSchema,
} from "@inlet/contracts";
import { type AssetRef, projectAssets, transaction } from "@inlet/database";
import { storyboardColumns } from "@inlet/storyboard";
import { type ReadyStoryboard, readyStoryboards } from "@inlet/storyboard/ready";
import { type ReadyAsset, readyAssets } from "@inlet/storyboard/ready-assets";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { isCommitUnclear } from "../uploads/commit-unclear.ts";
import { uploadKey } from "./receive-asset.ts";
import { recordAsset } from "./record-asset.ts";
import { draftView, STORYBOARD, saveDraft } from "./storyboard-draft-routes.ts";
import { storyboardPlace } from "./storyboard-place.ts";

const tags = ["Storyboards"];
const MEDIA_TYPES: Readonly<Record<string, string>> = { webp: "image/webp", mp4: "video/mp4", m4a: "audio/mp4" };

/** The storyboards that ship with Inlet. */
export function readyRoutes(app: RouteHost, { database, blobs, publisher }: ApiParts): void {
  app.get(
    "/v1/ready-storyboards",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List the storyboards that ship with Inlet",
        description: "To begin with: whole, with the columns that they read and the files that they show.",
        response: { 200: readyStoryboardListSchema, ...errors() },
      },
    },
    async () => ({ storyboards: await Promise.all(readyStoryboards.map(readyView)) }),
  );

  app.get(
    "/v1/ready-storyboards/:name/assets/:asset",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Download a file of a ready storyboard",
        produces: Object.values(MEDIA_TYPES),
        params: readyAssetPathSchema,
        response: { 200: z.any().describe("The file's bytes"), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { name, asset } = request.params;
      const found = (await readyAssets(readyNamed(name).name)).find((each) => each.name === asset);
      if (found === undefined) throw notFound("asset_not_found", `The ready storyboard ${name} has no file ${asset}.`);
      return reply
        .header("content-type", MEDIA_TYPES[asset.split(".").at(-1)!] ?? "application/octet-stream")
        .header("cache-control", "private, max-age=3600")
        .serializer(String)
        .send(await readFile(found.file));
    },
  );

  app.post(
    `${STORYBOARD}/draft/ready`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Begin the draft with a ready storyboard",
        description:
          "It takes the draft's place, and its files become assets of the project, which takes a moment. Files that the project " +
          "has under the same names stay as they are.",
        params: projectPathSchema,
        body: beginFromReadyBodySchema,
        response: { 200: storyboardDraftSchema, ...errors(404, 409, 507) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { name, revision } = request.body;
      const ready = readyNamed(name);
      const known = await projectAssets(database, place.projectId);
      const missing = (await readyAssets(name)).filter((asset) =>
        known.every((row) => row.name !== asset.name || row.state === "refused"),
      );
      const stored: { asset: ReadyAsset; blob: StoredBlob }[] = [];
      let isRecording = false;
      const begin = async () => {
        for (const asset of missing) {
          stored.push({ asset, blob: await blobs.put(uploadKey(place.client), await readFile(asset.file)) });
        }
        isRecording = true;
        return await transaction(database, async (tx) => {
          await saveDraft(tx, place, { document: ready.document, revision, updatedBy: callerOf(request).name });
          const refs: AssetRef[] = [];
          for (const { asset, blob } of stored) {
            const received = { name: asset.name, fileName: asset.name, mediaType: undefined, stored: blob };
            refs.push((await recordAsset(tx, request, { place, asset: received })).ref);
          }
          return { draft: await draftView(tx, place), refs };
        });
      };
      const { draft, refs } = await begin().catch(async (error) => {
        if (!isRecording || !isCommitUnclear(error))
          await Promise.all(stored.map(({ blob }) => blobs.remove(blob.key)));
        throw error;
      });
      await publisher.assets(refs);
      return draft;
    },
  );
}

async function readyView({ name, title, description, document }: ReadyStoryboard) {
  const assets = (await readyAssets(name)).map((asset) => ({ name: asset.name, sizeBytes: asset.sizeBytes }));
  return { name, title, description, document, assets, columns: storyboardColumns(storyboardSchema.parse(document)) };
}

/** @throws Refusal `ready_storyboard_not_found` */
function readyNamed(name: string): ReadyStoryboard {
  const ready = readyStoryboards.find((each) => each.name === name);
  if (ready !== undefined) return ready;
  const names = readyStoryboards.map((each) => each.name).join(", ");
  throw notFound("ready_storyboard_not_found", `There is no ready storyboard ${name}. There are: ${names}.`);
}
