import type { DraftBox, DraftLayer } from "../state/draft.ts";

/** Of the stage's height: how finely a place is looked for, and the margin that is kept. */
const STEP_SHARE = 0.025;
const MARGIN_SHARE = 0.05;

/** A new layer higher or lower on the stage, as near as can be, where it covers no words, picture or button; or where it is. */
export function inFreePlace(layer: DraftLayer, others: readonly DraftLayer[], stageHeight: number): DraftLayer {
  // Shapes lie under words. A new one may.
  if (layer.kind === "shape") return layer;
  const taken = others.flatMap(({ kind, box }) => (kind === "shape" ? [] : [box]));
  const { box } = layer;
  const last = Math.floor(stageHeight * (1 - MARGIN_SHARE)) - box.height;
  const places = [box.y];
  for (let by = STEP_SHARE * stageHeight; by < stageHeight; by += STEP_SHARE * stageHeight)
    places.push(Math.round(box.y + by), Math.round(box.y - by));
  const y = places.find(
    (at) =>
      at >= stageHeight * MARGIN_SHARE && at <= last && !taken.some((other) => doOverlap({ ...box, y: at }, other)),
  );
  return y === undefined || y === box.y ? layer : { ...layer, box: { ...box, y } };
}

const doOverlap = (one: DraftBox, other: DraftBox) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
