import {
  problemsOf,
  type StoredAsset,
  type Storyboard,
  type StoryboardChanges,
  type StoryboardChangesQuery,
  type StoryboardChangeView,
  storyboardSchema,
} from "@inlet/contracts";
import { type Executor, type PublishedStoryboard, storyboardAt } from "@inlet/database";
import { changesBetween } from "@inlet/storyboard";
import { Refusal } from "../requests/errors.ts";
import type { StoryboardPlace } from "./storyboard-place.ts";
import { draftDocument, noVersion, pinnedAssets, type StoryboardState, storyboardState } from "./storyboard-state.ts";

/** One of the two that are compared. */
interface Side {
  /** Null: the draft. */
  version: number | null;
  storyboard: Storyboard;
  assets: readonly StoredAsset[];
}

type Which = NonNullable<StoryboardChangesQuery["from"]>;

/** What changed from one storyboard of a project to another. @throws Refusal when one of them is none */
export async function compareStoryboards(
  executor: Executor,
  place: StoryboardPlace,
  { from, to }: { from: Which; to: Which },
): Promise<StoryboardChanges> {
  const state = await storyboardState(executor, place.projectId);
  const before = await sideOf(executor, place, { which: from, state });
  const after = await sideOf(executor, place, { which: to, state });
  return {
    from: before?.version ?? null,
    to: after?.version ?? null,
    changes: documentChanges(before?.storyboard, after?.storyboard),
    assets: assetChanges(before?.assets ?? [], after?.assets ?? []),
  };
}

function documentChanges(before: Storyboard | undefined, after: Storyboard | undefined): StoryboardChangeView[] {
  if (before !== undefined && after !== undefined) return changesBetween(before, after);
  if (after !== undefined) return [{ kind: "added", path: [], message: `“${after.title}” is new.` }];
  return before === undefined ? [] : [{ kind: "removed", path: [], message: `“${before.title}” is gone.` }];
}

function assetChanges(before: readonly StoredAsset[], after: readonly StoredAsset[]): StoryboardChanges["assets"] {
  const [old, fresh] = [before, after].map((assets) => new Map(assets.map(({ name, sha256 }) => [name, sha256])));
  return [...new Set([...old!.keys(), ...fresh!.keys()])].sort().flatMap((name) => {
    if (old!.get(name) === fresh!.get(name)) return [];
    return [{ name, kind: !old!.has(name) ? "added" : !fresh!.has(name) ? "removed" : "changed" } as const];
  });
}

async function sideOf(
  executor: Executor,
  place: StoryboardPlace,
  { which, state }: { which: Which; state: StoryboardState },
): Promise<Side | undefined> {
  if (which === "live") return state.live && publishedSide(state.live);
  if (which === "draft") return await draftSide(executor, place, state);
  const version = Number(which);
  const found = await storyboardAt(executor, { projectId: place.projectId, version });
  if (found === undefined) throw noVersion(place, version);
  return publishedSide(found);
}

const publishedSide = ({ version, document, assets }: PublishedStoryboard): Side => ({
  version,
  storyboard: document,
  assets,
});

async function draftSide(
  executor: Executor,
  { projectId }: StoryboardPlace,
  state: StoryboardState,
): Promise<Side | undefined> {
  const document = await draftDocument(executor, projectId, state);
  if (document === null && state.draft === undefined) return undefined;
  const parsed = storyboardSchema.safeParse(document);
  if (parsed.success) return { version: null, storyboard: parsed.data, assets: pinnedAssets(document, state.assets) };
  const mistakes = problemsOf(parsed.error.issues).slice(0, 200);
  throw new Refusal(400, "storyboard_invalid", "The draft is no storyboard yet; see errors.", mistakes);
}
