import {
  projectPathSchema,
  type StoryboardDraft,
  storyboardCheckBodySchema,
  storyboardCheckSchema,
  storyboardDraftBodySchema,
  storyboardDraftSchema,
  storyboardStandingSchema,
} from "@inlet/contracts";
import {
  countStoryboards,
  type Executor,
  findStoryboardVersion,
  lockStoryboards,
  projectAssets,
  putStoryboardDraft,
  storyboardDraft,
  transaction,
} from "@inlet/database";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { judgeStoryboard } from "./judge-storyboard.ts";
import { columnsOf, type StoryboardPlace, storyboardPlace } from "./storyboard-place.ts";
import { judgedDraft } from "./storyboard-state.ts";
import { versionView } from "./version-view.ts";

const tags = ["Storyboards"];
export const STORYBOARD = "/v1/clients/:client/projects/:project/storyboard";
/** A body with a storyboard, at most: the ready ones have a thirtieth of it, and judging takes its time with each byte. */
export const STORYBOARD_BYTES = 1024 * 1024;

/** The storyboard that is being edited. */
export function storyboardDraftRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    STORYBOARD,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show how a project's storyboard stands",
        description: "Which version is live, whether the draft differs from it, and the columns that it may name.",
        params: projectPathSchema,
        response: { 200: storyboardStandingSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { projectId, profile } = place;
      const { state, judgement, differs } = await judgedDraft(database, place);
      const { draft, live } = state;
      const row = live && (await findStoryboardVersion(database, { projectId, version: live.version }));
      const count = (severity: string) => judgement.problems.filter((problem) => problem.severity === severity).length;
      return {
        live: row ? versionView(row, row.version) : null,
        versions: await countStoryboards(database, projectId),
        draft:
          draft === undefined
            ? null
            : {
                revision: draft.revision,
                updatedBy: draft.updatedBy,
                updatedAt: iso(draft.updatedAt),
                ...{ differs, errors: count("error"), warnings: count("warning") },
              },
        links: profile.links !== undefined,
        shows: profile.links?.storyboard ?? "keep",
        columns: columnsOf(profile),
      };
    },
  );

  app.get(
    `${STORYBOARD}/draft`,
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show the draft",
        description:
          "What is being edited, with all that is wrong with it. Where nobody has saved one it is what one would begin with: " +
          "the live version, or else the newest; its revision is 0.",
        params: projectPathSchema,
        response: { 200: storyboardDraftSchema, ...errors(404) },
      },
    },
    async (request) => await draftView(database, await storyboardPlace(database, request)),
  );

  app.put(
    `${STORYBOARD}/draft`,
    {
      bodyLimit: STORYBOARD_BYTES,
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Save the draft",
        description:
          "With its mistakes: the answer names them, and they keep it from being published alone. `revision` is the one that you " +
          "have read; when somebody else saved meanwhile, nothing is saved, and the refusal says who it was.",
        params: projectPathSchema,
        body: storyboardDraftBodySchema,
        response: { 200: storyboardDraftSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      return await transaction(database, async (tx) => {
        await saveDraft(tx, place, { ...request.body, updatedBy: callerOf(request).name });
        return await draftView(tx, place);
      });
    },
  );

  app.post(
    `${STORYBOARD}/check`,
    {
      bodyLimit: STORYBOARD_BYTES,
      config: { access: "read" },
      schema: {
        tags,
        summary: "Check a storyboard",
        description:
          "Says what saving it as the draft would say, and saves nothing. Mistakes are no error of this request.",
        params: projectPathSchema,
        body: storyboardCheckBodySchema,
        response: { 200: storyboardCheckSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { projectId, profile } = await storyboardPlace(database, request);
      const assets = await projectAssets(database, projectId);
      const { problems, publishable } = judgeStoryboard(request.body.document, { profile, assets });
      return { problems, publishable };
    },
  );
}

/** The draft as the API shows it. */
export async function draftView(executor: Executor, place: StoryboardPlace): Promise<StoryboardDraft> {
  const { state, document, judgement, differs } = await judgedDraft(executor, place);
  const { draft } = state;
  return {
    document,
    revision: draft?.revision ?? 0,
    updatedBy: draft?.updatedBy ?? null,
    updatedAt: draft ? iso(draft.updatedAt) : null,
    problems: judgement.problems,
    publishable: draft !== undefined && judgement.publishable,
    differs,
  };
}

/** Saves a draft, unless somebody else did meanwhile. In the caller's transaction. @throws Refusal `storyboard_draft_changed` */
export async function saveDraft(
  executor: Executor,
  { projectId }: StoryboardPlace,
  draft: { document: unknown; revision: number; updatedBy: string },
): Promise<void> {
  await lockStoryboards(executor, projectId);
  if ((await putStoryboardDraft(executor, { projectId, ...draft })) !== undefined) return;
  throw draftChanged(await storyboardDraft(executor, projectId));
}

/** Says who was faster. */
export function draftChanged(now: Awaited<ReturnType<typeof storyboardDraft>>): Refusal {
  const message =
    now === undefined
      ? "The draft is not there any more. Send revision 0 to begin a new one."
      : `${now.updatedBy} saved the draft at ${iso(now.updatedAt)}; it is at revision ${now.revision} now. Nothing was changed: read it again, bring your changes in, and save that.`;
  return new Refusal(409, "storyboard_draft_changed", message);
}
