import type { FilmScene } from "@inlet/storyboard/film";
import type { Picture } from "../drawing.ts";
import { canvasOf, paintOver } from "../pictures/canvas.ts";
import type { OpenAsset } from "../pictures/open-asset.ts";
import { scaledAboutMiddle } from "../pictures/scaled.ts";
import { fittedImage } from "./fitted-image.ts";

/** Draws a scene's background, its picture larger by `scale`. A picture that is not there leaves the colour. */
export async function drawBackground(
  { colour, to, asset, fit, dim }: Omit<FilmScene["background"], "motion">,
  { width, height }: { width: number; height: number },
  openAsset: OpenAsset,
  scale = 1,
): Promise<Picture> {
  const canvas = to === undefined ? canvasOf(width, height, colour) : gradient(width, height, colour, to);
  const picture = asset && (await openAsset(asset, (source) => fittedImage(source, { width, height }, fit)));
  if (picture !== undefined) paintOver(canvas, scale === 1 ? picture : await scaledAboutMiddle(picture, scale));
  darken(canvas, dim);
  return canvas;
}

/** From the top left to the bottom right, as CSS's `linear-gradient(to bottom right, …)`: the other corners have the middle. */
function gradient(width: number, height: number, from: string, to: string): Picture {
  const [first, last] = [Buffer.from(from.slice(1), "hex"), Buffer.from(to.slice(1), "hex")];
  const pixels = Buffer.allocUnsafe(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = ((x + 0.5) / width + (y + 0.5) / height) / 2;
      for (let channel = 0; channel < 3; channel++) {
        pixels[at++] = Math.round(first[channel]! + (last[channel]! - first[channel]!) * share);
      }
    }
  }
  return { pixels, format: "rgb", width, height };
}

function darken({ pixels }: Picture, share: number): void {
  if (share <= 0) return;
  const darker = Uint8Array.from({ length: 256 }, (_, value) => Math.round(value * (1 - Math.min(1, share))));
  for (let i = 0; i < pixels.length; i++) pixels[i] = darker[pixels[i]!]!;
}
