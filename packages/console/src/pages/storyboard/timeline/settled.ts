import { type Draft, type DraftLayer, layersOf, type Selection } from "../state/draft.ts";
import { layerTimes } from "../state/layers.ts";
import type { Moment } from "./film-time.ts";

const USUAL_MS = 500;

/**
 * The moment of the selected scene at which what is selected is seen at rest; undefined where it is seen already at the
 * moment that is shown.
 */
export function settledMs(
  draft: Draft,
  { scene: at, layer: layerAt }: Selection,
  now: Moment | undefined,
): number | undefined {
  const scene = draft.scenes[at];
  if (scene === undefined) return undefined;
  const layers = layersOf(scene);
  const isHere = now?.scene === at;
  const layer = layerAt === undefined ? undefined : layers[layerAt];
  if (layer !== undefined) {
    const { fromMs, untilMs } = layerTimes(layer, scene.durationMs);
    if (isHere && now.offsetMs >= fromMs && now.offsetMs < untilMs) return undefined;
    return Math.min(enteredMs(layer, scene.durationMs), untilMs - 1);
  }
  if (isHere) return undefined;
  const transitionMs = at === 0 ? 0 : (scene.transition?.durationMs ?? USUAL_MS);
  const allIn = Math.max(transitionMs, ...layers.map((each) => enteredMs(each, scene.durationMs)));
  return Math.min(allIn, scene.durationMs - 1);
}

/** When a layer has come. */
function enteredMs(layer: DraftLayer, sceneMs: number): number {
  const { fromMs, untilMs } = layerTimes(layer, sceneMs);
  const enterMs = layer.enter?.kind === "none" ? 0 : (layer.enter?.durationMs ?? USUAL_MS);
  return Math.min(fromMs + enterMs, untilMs - 1);
}
