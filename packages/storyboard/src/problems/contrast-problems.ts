import type { Layer, Paint, Scene, Storyboard } from "@inlet/contracts";
import { contrastOf } from "./contrast.ts";
import { type StoryboardProblem, warning } from "./problem.ts";

/** WCAG 2.2, success criterion 1.4.3: of ordinary text, and of large text (24 pixels, or 19 in bold). */
const ORDINARY = 4.5;
const LARGE = 3;

/** Texts that can hardly be read before what lies behind them. Pictures are not judged. */
export function contrastProblems(storyboard: Storyboard): StoryboardProblem[] {
  const { brand } = storyboard;
  const hex = (paint: Paint) => (paint === "brand" ? brand.colour : paint === "accent" ? brand.accent : paint);
  return storyboard.scenes.flatMap((scene, index) =>
    scene.layers.flatMap((layer, at) => {
      if (layer.kind !== "text" && layer.kind !== "button") return [];
      const behind = layer.kind === "button" ? [layer.background] : paintsBehind(scene, at);
      if (behind === undefined) return [];
      const contrast = Math.min(...behind.map((paint) => contrastOf(hex(layer.colour), hex(paint))));
      const wanted = layer.size >= (layer.bold ? 19 : 24) ? LARGE : ORDINARY;
      if (contrast >= wanted) return [];
      const message = `The text is hard to read on what lies behind it: their contrast is ${round(contrast)}, and ${wanted} is needed.`;
      return [warning(["scenes", index, "layers", at, "colour"], message)];
    }),
  );
}

/** The colours behind a layer; undefined where a picture is, or what is there depends on the row. */
function paintsBehind({ background, layers }: Scene, at: number): Paint[] | undefined {
  const { box } = layers[at]!;
  for (const layer of layers.slice(0, at).reverse()) {
    if (layer.kind === "text" || !overlap(layer.box, box)) continue;
    const isPlain = layer.kind === "shape" && layer.opacity === 1 && layer.when === undefined;
    if (isPlain && covers(layer, box)) return [layer.colour];
    // Something lies behind a part of it.
    return undefined;
  }
  if (background.asset !== undefined) return undefined;
  return background.to === undefined ? [background.colour] : [background.colour, background.to];
}

type Box = Layer["box"];

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function covers({ box }: Layer, inner: Box): boolean {
  return (
    box.x <= inner.x &&
    box.y <= inner.y &&
    box.x + box.width >= inner.x + inner.width &&
    box.y + box.height >= inner.y + inner.height
  );
}

const round = (contrast: number) => Math.floor(contrast * 10) / 10;
