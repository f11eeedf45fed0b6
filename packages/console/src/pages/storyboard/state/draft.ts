import type { StoryboardInput } from "@inlet/contracts";

/** A storyboard as it is written: what is at its default is left out. */
export type Draft = StoryboardInput;
export type DraftScene = Draft["scenes"][number];
export type DraftLayer = NonNullable<DraftScene["layers"]>[number];
export type LayerKind = DraftLayer["kind"];
export type DraftBox = DraftLayer["box"];
export type Words = string | Record<string, string>;

/** What is being changed: a scene, and one of its layers or none. By their places in the storyboard. */
export interface Selection {
  scene: number;
  layer?: number | undefined;
}

export const layersOf = (scene: DraftScene): readonly DraftLayer[] => scene.layers ?? [];

/** A selection that points at something, whatever became of the storyboard. */
export function withinDraft({ scenes }: Draft, { scene, layer }: Selection): Selection {
  const at = Math.max(0, Math.min(scene, scenes.length - 1));
  const count = layersOf(scenes[at] ?? { name: "", durationMs: 0 }).length;
  return layer === undefined || at !== scene || layer >= count ? { scene: at } : { scene: at, layer };
}
