import type {
  BeginFromReadyBody,
  FilmBody,
  LiveStoryboardBody,
  PublishStoryboardBody,
  SampleRowsQuery,
  StoryboardChangesQuery,
  StoryboardDraftBody,
} from "@inlet/contracts";
import { type Paging, part, projectPath, queryOf } from "../address.ts";
import { storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";
import { countedBody } from "../upload.ts";

const path = (client: string, project: string) => `${projectPath(client, project)}/storyboard`;
const assetsPath = (client: string, project: string) => `${projectPath(client, project)}/assets`;

/** A request without an idempotency key: none of its answers is worth keeping for the same request sent again. */
const json = (method: "POST" | "PUT", body: object) => ({
  method,
  headers: { accept: "application/json", "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** A file for storyboards on its way to the API. */
export interface AssetUpload {
  /** What storyboards call it, such as `cake.webp`. */
  name: string;
  /** Its bytes: a Blob (browser), or a stream of chunks. */
  body: Blob | AsyncIterable<Uint8Array>;
  /** Lets the API refuse a file that is too large before it is sent. */
  sizeBytes?: number | undefined;
  /** What it is called where it comes from, for people; default: `name`. */
  fileName?: string | undefined;
}

/** Where the API hands out what an asset became, by its SHA-256: for images and videos of the console's own pages. */
export const assetFileUrl = (client: string, project: string, sha256: string): string =>
  `${projectPath(client, project)}/asset-files/${part(sha256)}`;

/** Where the API takes an asset by POST: for pages that show how far an upload is, which fetch does not say. */
export const assetUploadUrl = (
  client: string,
  project: string,
  { name, fileName }: Pick<AssetUpload, "name" | "fileName">,
): string => `${assetsPath(client, project)}${queryOf({ name, fileName })}`;

/** Where the API hands out a file of a ready storyboard. */
export const readyAssetUrl = (storyboard: string, asset: string): string =>
  `/v1/ready-storyboards/${part(storyboard)}/assets/${part(asset)}`;

export const storyboardCalls = (send: Send) => ({
  /** How a project's storyboard stands, and which columns it may name. */
  storyboard: (client: string, project: string) => send("storyboardStandingSchema", "GET", path(client, project)),
  storyboardDraft: (client: string, project: string) =>
    send("storyboardDraftSchema", "GET", `${path(client, project)}/draft`),
  /** Saves the draft, with its mistakes. When somebody else saved meanwhile, `storyboard_draft_changed` (409) names him. */
  async saveStoryboardDraft(client: string, project: string, body: StoryboardDraftBody) {
    // An editor saves again and again, and the revision holds each to its place: no answer is worth keeping.
    return await send.read(
      "storyboardDraftSchema",
      await send.raw(`${path(client, project)}/draft`, json("PUT", body)),
    );
  },
  /** What saving it would say; nothing is saved. */
  async checkStoryboard(client: string, project: string, document: unknown) {
    const request = json("POST", { document });
    return await send.read("storyboardCheckSchema", await send.raw(`${path(client, project)}/check`, request));
  },
  publishStoryboard: (client: string, project: string, body: PublishStoryboardBody) =>
    send("publishedStoryboardSchema", "POST", `${path(client, project)}/publish`, body),
  /** Newest first. */
  storyboardVersions: (client: string, project: string, { cursor, limit }: Paging = {}) =>
    send("storyboardVersionPageSchema", "GET", `${path(client, project)}/versions${queryOf({ cursor, limit })}`),
  storyboardVersion: (client: string, project: string, version: number) =>
    send("storyboardVersionViewSchema", "GET", `${path(client, project)}/versions/${part(version)}`),
  /** Goes back, or on, to a version: new links show it. */
  makeStoryboardLive: (client: string, project: string, body: LiveStoryboardBody) =>
    send("liveStoryboardSchema", "PUT", `${path(client, project)}/live`, body),
  /** New links show the simple page again. */
  takeStoryboardOff: (client: string, project: string) =>
    send("liveStoryboardSchema", "DELETE", `${path(client, project)}/live`),
  storyboardChanges: (client: string, project: string, query: StoryboardChangesQuery = {}) =>
    send("storyboardChangesSchema", "GET", `${path(client, project)}/changes${queryOf({ ...query })}`),
  /** What one recipient would see. */
  async film(client: string, project: string, body: FilmBody = {}) {
    return await send.read("filmViewSchema", await send.raw(`${path(client, project)}/film`, json("POST", body)));
  },
  /** Rows of a batch, to step through. They are recipients' own: each asking is audited. */
  sampleRows: (client: string, project: string, query: Partial<SampleRowsQuery> = {}) =>
    send("sampleRowsSchema", "GET", `${path(client, project)}/sample-rows${queryOf({ ...query })}`),

  readyStoryboards: async () => (await send("readyStoryboardListSchema", "GET", "/v1/ready-storyboards")).storyboards,
  /** A file of one of them. */
  readyAsset: async (storyboard: string, asset: string) =>
    storedFileOf(await send.raw(readyAssetUrl(storyboard, asset), { timed: false }), asset),
  /** Puts one of them in the draft's place, and its files among the project's. */
  beginFromReady: (client: string, project: string, body: BeginFromReadyBody) =>
    send("storyboardDraftSchema", "POST", `${path(client, project)}/draft/ready`, body),

  assets: async (client: string, project: string) =>
    (await send("assetListSchema", "GET", assetsPath(client, project))).assets,
  /** One of them by its number, also when another has taken its place: whoever uploads asks until it is not `processing`. */
  asset: (client: string, project: string, id: number) =>
    send("assetSchema", "GET", `${assetsPath(client, project)}/${part(id)}`),
  /** Uploads a file; the answer comes before it was made anew. */
  async uploadAsset(client: string, project: string, { name, body, sizeBytes, fileName }: AssetUpload) {
    const size = body instanceof Blob ? body.size : sizeBytes;
    const response = await send.raw(assetUploadUrl(client, project, { name, fileName }), {
      method: "POST",
      headers: {
        "content-type": (body instanceof Blob && body.type) || "application/octet-stream",
        // A browser says the size of a Blob by itself.
        ...(size === undefined || body instanceof Blob ? {} : { "content-length": String(size) }),
      },
      // Browsers stream no bodies over HTTP/1.1.
      body: body instanceof Blob ? body : countedBody({ body }),
      timed: false,
    });
    return await send.read("assetSchema", response);
  },
  /** @throws `asset_in_use` (409) while the draft or the live version shows it */
  removeAsset: (client: string, project: string, id: number) =>
    send.nothing("DELETE", `${assetsPath(client, project)}/${part(id)}`),
  /** What an asset became, by its SHA-256. */
  assetFile: async (client: string, project: string, sha256: string) =>
    storedFileOf(await send.raw(assetFileUrl(client, project, sha256), { timed: false }), sha256),
});
