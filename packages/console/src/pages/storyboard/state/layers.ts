import { type Draft, type DraftLayer, layersOf } from "./draft.ts";
import { LEAST_LAYER_MS, withScene } from "./scenes.ts";

const withLayers = (draft: Draft, scene: number, layers: DraftLayer[]): Draft =>
  withScene(draft, scene, { ...draft.scenes[scene]!, layers });

export function withLayer(draft: Draft, scene: number, at: number, layer: DraftLayer): Draft {
  return withLayers(draft, scene, layersOf(draft.scenes[scene]!).with(at, layer));
}

/** Above all others, or at a place. */
export function withLayerAdded(
  draft: Draft,
  scene: number,
  layer: DraftLayer,
  at = layersOf(draft.scenes[scene]!).length,
): Draft {
  return withLayers(draft, scene, layersOf(draft.scenes[scene]!).toSpliced(at, 0, layer));
}

export function withoutLayer(draft: Draft, scene: number, at: number): Draft {
  return withLayers(draft, scene, layersOf(draft.scenes[scene]!).toSpliced(at, 1));
}

/** A little aside, so that it is seen that there are two. */
export function withLayerCopied(draft: Draft, scene: number, at: number): Draft {
  const layer = structuredClone(layersOf(draft.scenes[scene]!)[at]!);
  const aside = { ...layer.box, x: layer.box.x + 24, y: layer.box.y + 24 };
  return withLayerAdded(draft, scene, { ...layer, box: aside }, at + 1);
}

/** Nearer to who looks, or further away. */
export function withLayerMoved(draft: Draft, scene: number, from: number, to: number): Draft {
  const layers = layersOf(draft.scenes[scene]!);
  const layer = layers[from];
  if (layer === undefined || to < 0 || to >= layers.length || to === from) return draft;
  return withLayers(draft, scene, layers.toSpliced(from, 1).toSpliced(to, 0, layer));
}

/** When a layer comes and goes within its scene. */
export function layerTimes({ fromMs = 0, untilMs }: DraftLayer, sceneMs: number): { fromMs: number; untilMs: number } {
  return { fromMs, untilMs: Math.min(untilMs ?? sceneMs, sceneMs) };
}

/** Times as they are written: what begins with its scene and ends with it says nothing. */
export function withTimes<Of extends DraftLayer>(layer: Of, fromMs: number, untilMs: number, sceneMs: number): Of {
  const { fromMs: _, untilMs: __, ...others } = layer;
  return {
    ...others,
    ...(fromMs > 0 && { fromMs }),
    ...(untilMs < sceneMs && { untilMs }),
  } as Of;
}

/** Moves a layer in its scene's time; its length stays. One that stays to the scene's end still does. */
export function shifted<Of extends DraftLayer>(layer: Of, byMs: number, sceneMs: number): Of {
  const { fromMs, untilMs } = layerTimes(layer, sceneMs);
  if (untilMs === sceneMs) return trimmed(layer, "from", fromMs + byMs, sceneMs);
  const shift = Math.max(-fromMs, Math.min(byMs, sceneMs - untilMs));
  return withTimes(layer, fromMs + shift, untilMs + shift, sceneMs);
}

/** Moves one end of a layer's time. */
export function trimmed<Of extends DraftLayer>(layer: Of, end: "from" | "until", toMs: number, sceneMs: number): Of {
  const { fromMs, untilMs } = layerTimes(layer, sceneMs);
  return end === "from"
    ? withTimes(layer, Math.max(0, Math.min(toMs, untilMs - LEAST_LAYER_MS)), untilMs, sceneMs)
    : withTimes(layer, fromMs, Math.min(sceneMs, Math.max(toMs, fromMs + LEAST_LAYER_MS)), sceneMs);
}
