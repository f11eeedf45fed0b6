import { isDeepStrictEqual } from "node:util";
import { type StoredAsset, type Storyboard, writtenStoryboard } from "@inlet/contracts";
import {
  type AssetRow,
  type Executor,
  liveStoryboard,
  type PublishedStoryboard,
  projectAssets,
  type StoryboardDraftRow,
  storyboardAt,
  storyboardDraft,
  storyboardVersions,
} from "@inlet/database";
import { namedAssets } from "@inlet/storyboard";
import { notFound } from "../requests/errors.ts";
import { type AssetUses, readyAssets } from "./asset-view.ts";
import { type Judgement, judgeStoryboard } from "./judge-storyboard.ts";
import type { StoryboardPlace } from "./storyboard-place.ts";

/** All that stands of a project's storyboard at a moment. */
export interface StoryboardState {
  draft: StoryboardDraftRow | undefined;
  live: PublishedStoryboard | undefined;
  assets: readonly AssetRow[];
}

export async function storyboardState(executor: Executor, projectId: number): Promise<StoryboardState> {
  const [draft, live, assets] = [
    await storyboardDraft(executor, projectId),
    await liveStoryboard(executor, projectId),
    await projectAssets(executor, projectId),
  ];
  return { draft, live, assets };
}

/** Where a project's assets are named, for one who asks for nothing else. */
export async function assetUses(executor: Executor, projectId: number): Promise<AssetUses> {
  return usesOf({
    draft: await storyboardDraft(executor, projectId),
    live: await liveStoryboard(executor, projectId),
  });
}

/** Where a project's assets are named. */
export const usesOf = ({ draft, live }: Pick<StoryboardState, "draft" | "live">): AssetUses => ({
  draft: namedAssets(draft?.document),
  live: namedAssets(live?.document),
});

/** The files that a storyboard may show, as they are now: what a version keeps. By name. */
export function pinnedAssets(document: unknown, assets: readonly AssetRow[]): StoredAsset[] {
  const shows = namedAssets(document);
  return Object.values(readyAssets(assets)).filter(({ name }) => shows(name));
}

/** What is edited next: the draft, or else what it would begin with. Null: nothing. */
export async function draftDocument(
  executor: Executor,
  projectId: number,
  { draft, live }: StoryboardState,
): Promise<unknown> {
  if (draft !== undefined) return draft.document;
  const begin = live ?? (await newestVersion(executor, projectId));
  return begin === undefined ? null : writtenStoryboard(begin.document);
}

async function newestVersion(executor: Executor, projectId: number): Promise<PublishedStoryboard | undefined> {
  const [newest] = await storyboardVersions(executor, { projectId, before: undefined, limit: 1 });
  return newest && (await storyboardAt(executor, { projectId, version: newest.version }));
}

/** Whether a judged document shows anything else than the live version; nothing differs from nothing. */
export function differsFromLive(
  document: unknown,
  { storyboard }: Judgement,
  { live, assets }: StoryboardState,
): boolean {
  if (live === undefined) return document !== null;
  if (storyboard === undefined) return true;
  const sameFiles = isDeepStrictEqual(filesOf(pinnedAssets(document, assets)), filesOf(live.assets));
  // As JSON: what is absent and what is undefined are the same there.
  return !sameFiles || !isDeepStrictEqual(asJson(storyboard), asJson(live.document));
}

const filesOf = (assets: readonly StoredAsset[]) =>
  Object.fromEntries(assets.map(({ name, sha256 }) => [name, sha256]));
const asJson = (storyboard: Storyboard): unknown => JSON.parse(JSON.stringify(storyboard));

/** The draft as its project's page shows it, judged. */
export async function judgedDraft(executor: Executor, place: StoryboardPlace) {
  const state = await storyboardState(executor, place.projectId);
  const document = await draftDocument(executor, place.projectId, state);
  const judgement =
    document === null
      ? { storyboard: undefined, problems: [], publishable: false }
      : judgeStoryboard(document, { profile: place.profile, assets: state.assets });
  return { state, document, judgement, differs: differsFromLive(document, judgement, state) };
}

/** The same words wherever a version is not there. */
export const noVersion = ({ client, project }: StoryboardPlace, version: number) =>
  notFound(
    "storyboard_version_not_found",
    `The storyboard of ${client}/${project} has no version ${version}. GET /v1/clients/${client}/projects/${project}/storyboard/versions lists them.`,
  );
