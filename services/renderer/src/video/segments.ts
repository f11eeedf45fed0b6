import type { Film, FilmScene } from "@inlet/storyboard";
import { FRAME_RATE, frameAt } from "./frames.ts";

/** A stretch of a film that one ffmpeg makes: a scene, or a part of a long one. */
export interface Segment {
  scene: FilmScene;
  /** The scene whose place it takes within this stretch, by a transition; undefined: it does so by none. */
  before: FilmScene | undefined;
  firstFrame: number;
  /** The first frame that is not its own. */
  endFrame: number;
}

/** Long scenes are made in parts of about this length, so that all cores have something to do. */
const PART_FRAMES = 4 * FRAME_RATE;

/** Cuts a film into stretches that can be made side by side, in their order. Each is a function of the film's time alone. */
export function segmentsOf(film: Pick<Film, "scenes">): Segment[] {
  return film.scenes.flatMap((scene, index) => {
    const [firstFrame, endFrame] = [frameAt(scene.fromMs), frameAt(scene.untilMs)];
    if (endFrame === firstFrame) return [];
    const { kind, durationMs } = scene.transition;
    const before = kind === "cut" || durationMs === 0 ? undefined : film.scenes[index - 1];
    const inTransition = before === undefined ? 0 : frameAt(scene.fromMs + durationMs) - firstFrame;
    return partsOf({ scene, before, firstFrame, endFrame }, inTransition);
  });
}

function partsOf(whole: Segment, inTransition: number): Segment[] {
  const { firstFrame, endFrame, scene } = whole;
  const frames = endFrame - firstFrame;
  // A background's video is read from its begin: in parts it would be read again for each.
  const parts = scene.background.asset?.kind === "video" ? 1 : Math.max(1, Math.round(frames / PART_FRAMES));
  const borders = Array.from({ length: parts - 1 }, (_, part) => Math.round((frames * (part + 1)) / parts)).filter(
    (border) => border > inTransition,
  );
  return [0, ...borders].map((from, part) => ({
    scene,
    before: part === 0 ? whole.before : undefined,
    firstFrame: firstFrame + from,
    endFrame: firstFrame + (borders[part] ?? frames),
  }));
}
