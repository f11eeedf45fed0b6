import { playButtonPlace } from "@inlet/storyboard/film";
import type { DrawnLayer, Picture } from "../drawing.ts";
import { paintOver } from "../pictures/canvas.ts";
import { rasterised } from "./vector.ts";

/** Draws a play button on a poster, where it covers as little of its words as can be. Changes the canvas. */
export async function paintPlayButton(canvas: Picture, words: readonly DrawnLayer[]): Promise<void> {
  const boxes = words.map(({ left, top, width, height }) => ({ x: left, y: top, width, height }));
  const { x, y, width } = playButtonPlace(canvas, boxes);
  paintOver(canvas, { ...(await buttonOf(width)), left: x, top: y });
}

/** Dark with a bright rim: to be seen on every ground. */
const buttonOf = (size: number) =>
  rasterised(
    `<g transform="scale(${size / 100})"><circle cx="50" cy="50" r="47" fill="#0b0d14" fill-opacity=".62" stroke="#ffffff" stroke-opacity=".92" stroke-width="4"/><path d="M40.5 31.5a2.6 2.6 0 0 1 4-2.2l26.5 18.5a2.6 2.6 0 0 1 0 4.4L44.5 70.7a2.6 2.6 0 0 1-4-2.2z" fill="#ffffff"/></g>`,
    { left: 0, top: 0, width: size, height: size },
  );
