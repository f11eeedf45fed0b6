import type { Film } from "./film.ts";
import { transitionAt } from "./motion.ts";

/** A scene that is to be seen at a moment, and how. */
export interface ShownScene {
  index: number;
  /** The moment of the film that it shows. A scene that is on its way out stands still at its last one. */
  atMs: number;
  /** 0 to 1. */
  opacity: number;
  /** To the right, as a share of the stage's width. */
  shift: number;
  /** Which share of it is covered still, from the left. */
  covered: number;
}

/** Before a film's end by this, so that its last moment is shown at the end. */
const LAST_MOMENT_MS = 1;

/**
 * The scenes that are to be seen at a moment, the one at the bottom first: one, or two where one takes the other's place. The
 * transitions are those of ffmpeg's `xfade`: fade, slideleft, wipeleft, all linear.
 */
export function shownScenesAt(film: Pick<Film, "scenes" | "durationMs">, atMs: number): ShownScene[] {
  const moment = Math.max(0, Math.min(atMs, film.durationMs - LAST_MOMENT_MS));
  const index = Math.max(
    0,
    film.scenes.findLastIndex(({ fromMs }) => fromMs <= moment),
  );
  const scene = film.scenes[index];
  if (scene === undefined) return [];
  const shown: ShownScene = { index, atMs: moment, opacity: 1, shift: 0, covered: 0 };
  const part = transitionAt(scene, moment);
  const before = film.scenes[index - 1];
  if (part === 1 || before === undefined) return [shown];
  const leaving = { ...shown, index: index - 1, atMs: before.untilMs - LAST_MOMENT_MS };
  switch (scene.transition.kind) {
    case "cut":
      return [shown];
    case "fade":
      return [leaving, { ...shown, opacity: part }];
    case "slide":
      return [
        { ...leaving, shift: -part },
        { ...shown, shift: 1 - part },
      ];
    case "wipe":
      return [leaving, { ...shown, covered: 1 - part }];
  }
}
