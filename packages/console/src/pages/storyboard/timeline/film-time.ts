import type { Film } from "@inlet/storyboard";
import type { DraftScene } from "../state/draft.ts";
import { sceneTimes } from "../state/scenes.ts";

/** A moment of a scene. */
export interface Moment {
  /** The scene's place in the storyboard. */
  scene: number;
  offsetMs: number;
}

/** What of the storyboard is seen at a moment of a film, in which not all scenes need play. */
export function momentOf(film: Pick<Film, "scenes">, scenes: readonly DraftScene[], atMs: number): Moment | undefined {
  const playing = film.scenes.find(({ untilMs }) => atMs < untilMs) ?? film.scenes.at(-1);
  if (playing === undefined) return undefined;
  const scene = scenes.findIndex(({ name }) => name === playing.name);
  if (scene === -1) return undefined;
  const offsetMs = Math.max(0, Math.min(atMs, playing.untilMs) - playing.fromMs);
  return { scene, offsetMs };
}

/** Where that moment is in the storyboard's own time, in which every scene has its place. */
export function stripMsOf(scenes: readonly DraftScene[], { scene, offsetMs }: Moment): number {
  return (sceneTimes(scenes)[scene]?.fromMs ?? 0) + offsetMs;
}

/** The moment at a place of the storyboard's own time. */
export function momentAt(scenes: readonly DraftScene[], stripMs: number): Moment {
  const times = sceneTimes(scenes);
  const at = times.findIndex(({ untilMs }) => stripMs < untilMs);
  const scene = at === -1 ? times.length - 1 : at;
  const { fromMs = 0, untilMs = 0 } = times[scene] ?? {};
  return { scene, offsetMs: Math.max(0, Math.min(stripMs, untilMs) - fromMs) };
}

/** When a moment comes in a film; undefined where its scene does not play. */
export function filmMsOf(
  film: Pick<Film, "scenes">,
  scenes: readonly DraftScene[],
  { scene, offsetMs }: Moment,
): number | undefined {
  const playing = film.scenes.find(({ name }) => name === scenes[scene]?.name);
  if (playing === undefined) return undefined;
  // The last millisecond still belongs to the scene.
  return Math.min(playing.fromMs + offsetMs, playing.untilMs - 1);
}
