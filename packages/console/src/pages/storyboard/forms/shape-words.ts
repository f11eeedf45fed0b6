import type { DraftLayer } from "../state/draft.ts";

type Shape = Extract<DraftLayer, { kind: "shape" }>;

/** Longer than wide by this much, it is seen as a bar. */
const BAR_RATIO = 5;
/** Of the stage's width and height. */
const WHOLE_SHARE = 0.95;

/** What a shape looks like and where it lies on a stage of this size, such as `Circle, top right`. */
export function shapeWords({ box, radius = 0 }: Shape, stage: { width: number; height: number }): string {
  const { width, height } = box;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const right = Math.min(stage.width, box.x + width);
  const bottom = Math.min(stage.height, box.y + height);
  const [left, top] = [Math.max(0, box.x), Math.max(0, box.y)];
  const isWhole = right - left >= stage.width * WHOLE_SHARE && bottom - top >= stage.height * WHOLE_SHARE;
  if (isWhole) return "Whole stage";
  const isRound = radius * 2 >= short;
  const name = isRound && long <= short * 1.1 ? "Circle" : long >= short * BAR_RATIO ? "Bar" : "Box";
  if (right <= left || bottom <= top) return `${name}, beside the stage`;
  const across = third((left + right) / 2 / stage.width, "left", "right");
  const down = third((top + bottom) / 2 / stage.height, "top", "bottom");
  return `${name}, ${[down, across].filter((each) => each !== "").join(" ") || "in the middle"}`;
}

const third = (share: number, first: string, last: string) => (share < 0.4 ? first : share > 0.6 ? last : "");
