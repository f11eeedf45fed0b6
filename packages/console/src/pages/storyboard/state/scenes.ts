import { type Draft, type DraftScene, layersOf } from "./draft.ts";

/** The shortest scene that the timeline's edge makes; the form takes shorter ones. */
export const LEAST_SCENE_MS = 500;

/** A name that nobody else has: `offer`, `offer-2`, … */
export function freshName(taken: readonly string[], wanted: string): string {
  const base = wanted.replace(/-\d+$/, "").slice(0, 50);
  if (!taken.includes(base)) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

export const sceneNames = ({ scenes }: Draft): string[] => scenes.map(({ name }) => name);

export function withScene(draft: Draft, at: number, scene: DraftScene): Draft {
  return { ...draft, scenes: draft.scenes.with(at, scene) };
}

/** A scene at a place; one whose name is taken gets another. */
export function withSceneAdded(draft: Draft, at: number, scene: DraftScene): Draft {
  const named = { ...scene, name: freshName(sceneNames(draft), scene.name) };
  return { ...draft, scenes: draft.scenes.toSpliced(at, 0, named) };
}

export const withSceneCopied = (draft: Draft, at: number): Draft =>
  withSceneAdded(draft, at + 1, structuredClone(draft.scenes[at]!));

/** Without a scene. The last one stays: a storyboard has one at least. */
export function withoutScene(draft: Draft, at: number): Draft {
  const gone = draft.scenes[at];
  if (gone === undefined || draft.scenes.length === 1) return draft;
  const { poster, ...others } = draft;
  const kept = poster === undefined || poster.scene === gone.name ? others : draft;
  return { ...kept, scenes: draft.scenes.toSpliced(at, 1) };
}

export function withSceneMoved(draft: Draft, from: number, to: number): Draft {
  const scene = draft.scenes[from];
  if (scene === undefined || from === to || to < 0 || to >= draft.scenes.length) return draft;
  return { ...draft, scenes: draft.scenes.toSpliced(from, 1).toSpliced(to, 0, scene) };
}

/** Another name; the poster goes with it. */
export function withSceneRenamed(draft: Draft, at: number, name: string): Draft {
  const before = draft.scenes[at]!;
  const renamed = withScene(draft, at, { ...before, name });
  return draft.poster?.scene === before.name ? { ...renamed, poster: { ...draft.poster, scene: name } } : renamed;
}

/** Another duration. Layers that would end after it end with it, and those that would begin after it move to its end. */
export function withDuration(scene: DraftScene, durationMs: number): DraftScene {
  if (scene.layers === undefined) return { ...scene, durationMs };
  const layers = layersOf(scene).map((layer) => {
    const { untilMs, fromMs = 0, ...others } = layer;
    const ends = untilMs !== undefined && untilMs < durationMs;
    const begins = Math.min(fromMs, Math.max(0, durationMs - LEAST_LAYER_MS));
    return { ...others, ...(begins > 0 && { fromMs: begins }), ...(ends && { untilMs }) } as typeof layer;
  });
  return { ...scene, durationMs, layers };
}

/** What is shown for less nobody sees. */
export const LEAST_LAYER_MS = 200;

/** When each scene would begin and end if all of them played. */
export function sceneTimes(scenes: readonly Pick<DraftScene, "durationMs">[]): { fromMs: number; untilMs: number }[] {
  let atMs = 0;
  return scenes.map(({ durationMs }) => {
    const fromMs = atMs;
    atMs += durationMs;
    return { fromMs, untilMs: atMs };
  });
}
