import {
  liveStoryboardBodySchema,
  liveStoryboardSchema,
  pageQuerySchema,
  projectPathSchema,
  publishedStoryboardSchema,
  publishStoryboardBodySchema,
  storyboardChangesQuerySchema,
  storyboardChangesSchema,
  storyboardVersionPageSchema,
  storyboardVersionPathSchema,
  storyboardVersionViewSchema,
  writtenStoryboard,
} from "@inlet/contracts";
import {
  type AssetRow,
  findStoryboardVersion,
  insertStoryboard,
  liveStoryboardVersion,
  lockStoryboards,
  recordAudit,
  setLiveStoryboard,
  storyboardVersions,
  type Tx,
  transaction,
} from "@inlet/database";
import { namedAssets } from "@inlet/storyboard";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { judgeStoryboard } from "./judge-storyboard.ts";
import { compareStoryboards } from "./storyboard-changes.ts";
import { draftChanged, STORYBOARD } from "./storyboard-draft-routes.ts";
import { type StoryboardPlace, storyboardPlace } from "./storyboard-place.ts";
import { noVersion, pinnedAssets, storyboardState } from "./storyboard-state.ts";
import { versionView } from "./version-view.ts";

const tags = ["Storyboards"];
const MOST_PROBLEMS = 200;

/** What was published, and which of it new links show. */
export function storyboardVersionRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    `${STORYBOARD}/versions`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List the versions of a project's storyboard",
        description: "Newest first, with who published each and when.",
        params: projectPathSchema,
        querystring: pageQuerySchema,
        response: { 200: storyboardVersionPageSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { projectId } = await storyboardPlace(database, request);
      const { cursor, limit } = request.query;
      const before = decodeCursor(cursor);
      const rows = await storyboardVersions(database, { projectId, before, limit: limit + 1 });
      const live = await liveStoryboardVersion(database, projectId);
      const { page, next } = pageOf(rows, limit, ({ version }) => version);
      return { versions: page.map((row) => versionView(row, live)), next };
    },
  );

  app.get(
    `${STORYBOARD}/versions/:version`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show one version of a project's storyboard",
        description:
          "Whole, and as a person would write it, with the files that it shows. To go on from it, save `written` as the draft.",
        params: storyboardVersionPathSchema,
        response: { 200: storyboardVersionViewSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { projectId } = place;
      const { version } = request.params;
      const row = await findStoryboardVersion(database, { projectId, version });
      if (row === undefined) throw noVersion(place, version);
      const { document: storyboard, assets } = row;
      const view = versionView(row, await liveStoryboardVersion(database, projectId));
      return { ...view, storyboard, written: writtenStoryboard(storyboard), assets: [...assets] };
    },
  );

  app.post(
    `${STORYBOARD}/publish`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Publish the draft",
        description:
          "It becomes the next version, with the files that it shows as they are now; a draft that says just what the newest version " +
          "says makes none. New links show it at once unless `live` is false. Links that were made before keep their version, where " +
          "the profile does not say `follow`.",
        params: projectPathSchema,
        body: publishStoryboardBodySchema,
        response: { 200: publishedStoryboardSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { projectId, profile, client, project } = place;
      const { revision, note, live: goesLive } = request.body;
      return await transaction(database, async (tx) => {
        await lockStoryboards(tx, projectId);
        const { draft, assets } = await storyboardState(tx, projectId);
        if (draft === undefined) throw noDraft(place);
        if (draft.revision !== revision) throw draftChanged(draft);
        const { document } = draft;
        assertAssetsReady(document, assets);
        const { storyboard, problems } = judgeStoryboard(document, { profile, assets });
        const mistakes = problems.filter(({ severity }) => severity === "error");
        if (storyboard === undefined || mistakes.length > 0) throw withMistakes(mistakes);
        const pinned = pinnedAssets(document, assets);
        const createdBy = callerOf(request).name;
        const { version, changed } = await insertStoryboard(tx, {
          ...{ projectId, document: storyboard, assets: pinned, note: note ?? null, createdBy },
        });
        if (changed) {
          const detail = { version, revision, ...(note === undefined ? {} : { note }) };
          await recordAudit(tx, auditOf(request, "storyboard.publish", { path: `${client}/${project}`, detail }));
        }
        if (goesLive) await makeLive(tx, request, { place, version });
        const live = goesLive || (await liveStoryboardVersion(tx, projectId)) === version;
        return { version, changed, live, warnings: problems };
      });
    },
  );

  app.put(
    `${STORYBOARD}/live`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Make a version live",
        description:
          "An older one, to go back, or one that was published without going live. New links show it from now on.",
        params: projectPathSchema,
        body: liveStoryboardBodySchema,
        response: { 200: liveStoryboardSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { version } = request.body;
      return await transaction(database, async (tx) => {
        await lockStoryboards(tx, place.projectId);
        const row = await findStoryboardVersion(tx, { projectId: place.projectId, version });
        if (row === undefined) throw noVersion(place, version);
        return await makeLive(tx, request, { place, version });
      });
    },
  );

  app.delete(
    `${STORYBOARD}/live`,
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Take the storyboard off",
        description:
          "New links show the simple page of the profile. Links that keep their version go on showing it; draft and versions stay.",
        params: projectPathSchema,
        response: { 200: liveStoryboardSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      return await transaction(database, async (tx) => {
        await lockStoryboards(tx, place.projectId);
        return await makeLive(tx, request, { place, version: null });
      });
    },
  );

  app.get(
    `${STORYBOARD}/changes`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Compare two storyboards of a project",
        description:
          "What publishing the draft would change, when nothing else is asked for. What is not there is empty.",
        params: projectPathSchema,
        querystring: storyboardChangesQuerySchema,
        response: { 200: storyboardChangesSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      return await compareStoryboards(database, place, request.query);
    },
  );
}

const noDraft = ({ client, project }: StoryboardPlace) =>
  notFound(
    "storyboard_draft_missing",
    `${client}/${project} has no draft of a storyboard. PUT /v1/clients/${client}/projects/${project}/storyboard/draft saves one.`,
  );

function withMistakes(mistakes: ReturnType<typeof judgeStoryboard>["problems"]): Refusal {
  const count = mistakes.length === 1 ? "one mistake" : `${mistakes.length} mistakes`;
  const details = mistakes.slice(0, MOST_PROBLEMS).map(({ path, message }) => ({ path, message }));
  return new Refusal(400, "storyboard_invalid", `The draft has ${count}; see errors. Nothing was published.`, details);
}

/** A file that is about to take another's place is waited for: what is published shows what was uploaded last. */
function assertAssetsReady(document: unknown, assets: readonly AssetRow[]): void {
  const shows = namedAssets(document);
  const waiting = assets.filter(({ name, state }) => state === "processing" && shows(name)).map(({ name }) => name);
  if (waiting.length === 0) return;
  const [are, them] = waiting.length === 1 ? ["is", "it"] : ["are", "them"];
  throw new Refusal(
    409,
    "assets_not_ready",
    `${waiting.join(", ")} ${are} still being made ready. Publish when the list of assets shows ${them} as ready.`,
    undefined,
    { retryAfterSeconds: 2 },
  );
}

/** Makes a version live, or none, and notes it in the audit where that changes anything. */
async function makeLive(
  tx: Tx,
  request: FastifyRequest,
  { place, version }: { place: StoryboardPlace; version: number | null },
) {
  const { projectId, client, project } = place;
  const before = await setLiveStoryboard(tx, { projectId, version });
  const changed = before !== version;
  if (changed) {
    const action = version === null ? "storyboard.take-off" : "storyboard.live";
    await recordAudit(tx, auditOf(request, action, { path: `${client}/${project}`, detail: { version, before } }));
  }
  return { live: version, before, changed };
}
