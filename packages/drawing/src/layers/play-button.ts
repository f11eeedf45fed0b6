import type { DrawnLayer, Picture } from "../drawing.ts";
import { paintOver } from "../pictures/canvas.ts";
import type { Area } from "./vector.ts";
import { rasterised } from "./vector.ts";

/** Its diameter, as a share of the stage's shorter side. */
const SIZE = 0.2;
/** Of its diameter: what stays free around it. */
const MARGIN = 0.25;

/** Where it may stand, as shares of the stage: the middle, and else where posters have room. The first that is free is taken. */
const PLACES = [
  [0.5, 0.5],
  [0.5, 0.78],
  [0.86, 0.8],
  [0.86, 0.5],
  [0.5, 0.22],
  [0.86, 0.2],
  [0.14, 0.8],
  [0.14, 0.5],
  [0.14, 0.2],
] as const;

/** Draws a play button on a poster, where it covers as little of its words as can be. Changes the canvas. */
export async function paintPlayButton(canvas: Picture, words: readonly DrawnLayer[]): Promise<void> {
  const size = Math.round(Math.min(canvas.width, canvas.height) * SIZE);
  const around = Math.round(size * MARGIN);
  const places = PLACES.map(([x, y]) => ({
    left: Math.round(canvas.width * x - size / 2),
    top: Math.round(canvas.height * y - size / 2),
  }));
  const covered = places.map(({ left, top }) => {
    const area = { left: left - around, top: top - around, width: size + 2 * around, height: size + 2 * around };
    return words.reduce((sum, layer) => sum + overlap(area, layer), 0);
  });
  const { left, top } = places[covered.indexOf(Math.min(...covered))]!;
  paintOver(canvas, { ...(await buttonOf(size)), left, top });
}

function overlap(one: Area, other: Area): number {
  const across = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  const down = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
  return across > 0 && down > 0 ? across * down : 0;
}

/** Dark with a bright rim: to be seen on every ground. */
const buttonOf = (size: number) =>
  rasterised(
    `<g transform="scale(${size / 100})"><circle cx="50" cy="50" r="47" fill="#0b0d14" fill-opacity=".62" stroke="#ffffff" stroke-opacity=".92" stroke-width="4"/><path d="M40.5 31.5a2.6 2.6 0 0 1 4-2.2l26.5 18.5a2.6 2.6 0 0 1 0 4.4L44.5 70.7a2.6 2.6 0 0 1-4-2.2z" fill="#ffffff"/></g>`,
    { left: 0, top: 0, width: size, height: size },
  );
