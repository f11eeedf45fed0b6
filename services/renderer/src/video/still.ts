import { writeFile } from "node:fs/promises";
import type { DrawnLayer, Picture } from "@inlet/drawing";

/** A picture as ffmpeg reads it: raw pixels in a file. */
export interface Still {
  path: string;
  pixelFormat: "rgb24" | "rgba";
  width: number;
  height: number;
}

/** A layer's still, and where on the stage its first pixel lies. */
export interface PlacedStill extends Still {
  left: number;
  top: number;
}

interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Writes a picture down. */
export async function writeStill(path: string, { pixels, format, width, height }: Picture): Promise<Still> {
  await writeFile(path, pixels);
  return { path, pixelFormat: format === "rgb" ? "rgb24" : "rgba", width, height };
}

/**
 * Writes a layer's picture down, as far as it can come into view. Its place and size are even, because colours are kept for
 * every other pixel alone, and what is to be seen through gets the colour of what is around it, which would else turn dark
 * where a pixel is made of several. Undefined: it never comes into view.
 */
export async function writeLayer(path: string, drawn: DrawnLayer, view?: Area): Promise<PlacedStill | undefined> {
  const area = evenArea({
    left: Math.max(drawn.left, view?.left ?? drawn.left),
    top: Math.max(drawn.top, view?.top ?? drawn.top),
    right: Math.min(drawn.left + drawn.width, view?.right ?? Number.POSITIVE_INFINITY),
    bottom: Math.min(drawn.top + drawn.height, view?.bottom ?? Number.POSITIVE_INFINITY),
  });
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  if (width <= 0 || height <= 0) return undefined;
  const pixels = cutOut(drawn, area);
  fillClear(pixels);
  await writeFile(path, pixels);
  return { path, pixelFormat: "rgba", width, height, left: area.left, top: area.top };
}

const evenArea = ({ left, top, right, bottom }: Area): Area => ({
  left: left - (left & 1),
  top: top - (top & 1),
  right: right + (right & 1),
  bottom: bottom + (bottom & 1),
});

/** A copy of an area of a picture; what lies beyond the picture is clear. */
function cutOut({ pixels, width, height, left, top }: DrawnLayer, area: Area): Buffer {
  const cutWidth = area.right - area.left;
  const cut = Buffer.alloc(cutWidth * (area.bottom - area.top) * 4);
  const from = Math.max(area.left, left);
  const until = Math.min(area.right, left + width);
  for (let y = Math.max(area.top, top); y < Math.min(area.bottom, top + height); y += 1) {
    const source = ((y - top) * width + from - left) * 4;
    pixels.copy(cut, ((y - area.top) * cutWidth + from - area.left) * 4, source, source + (until - from) * 4);
  }
  return cut;
}

/** Gives clear pixels the mean colour of those that are half clear: the edges' own. */
function fillClear(pixels: Buffer): void {
  const edge = meanColour(pixels, (alpha) => alpha > 0 && alpha < 255) ?? meanColour(pixels, (alpha) => alpha > 0);
  if (edge === undefined) return;
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2);
  const [red, green, blue] = edge;
  // Little-endian, as every machine that Node 24 runs on: alpha is the highest byte.
  const clear = red | (green << 8) | (blue << 16);
  for (let index = 0; index < words.length; index += 1) {
    if (words[index]! >>> 24 === 0) words[index] = clear;
  }
}

function meanColour(pixels: Buffer, counts: (alpha: number) => boolean): [number, number, number] | undefined {
  let [red, green, blue, total] = [0, 0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]!;
    if (!counts(alpha)) continue;
    red += pixels[at]! * alpha;
    green += pixels[at + 1]! * alpha;
    blue += pixels[at + 2]! * alpha;
    total += alpha;
  }
  if (total === 0) return undefined;
  return [Math.round(red / total), Math.round(green / total), Math.round(blue / total)];
}
