import { BUTTON_INSET, type FilmLayer } from "@inlet/storyboard/film";
import type { DrawnLayer } from "../drawing.ts";
import type { Fonts } from "../fonts/open-fonts.ts";
import { framed, type Placed, roundCorners, trimmed } from "../pictures/canvas.ts";
import type { OpenAsset } from "../pictures/open-asset.ts";
import { setText } from "../text/set-text.ts";
import { fittedImage } from "./fitted-image.ts";
import { areaOfLetters, letters, rasterised, roundedRectangle } from "./vector.ts";

interface Deps {
  fonts: Fonts;
  openAsset: OpenAsset;
}

/** Draws a layer at rest, no larger than what is visible; undefined where nothing is. */
export async function drawLayer(layer: FilmLayer, deps: Deps): Promise<DrawnLayer | undefined> {
  const inBox = await drawInBox(layer, deps);
  const visible = inBox && trimmed(inBox);
  if (visible === undefined) return undefined;
  return { ...visible, format: "rgba", left: visible.left + layer.box.x, top: visible.top + layer.box.y };
}

/** The same layer with blank margins, so that its middle is the box's. */
export function centredOn({ box }: FilmLayer, layer: DrawnLayer): DrawnLayer {
  const reach = (begin: number, length: number, at: number, size: number) =>
    Math.max(0, Math.ceil(Math.max(begin + length / 2 - at, at + size - begin - length / 2) - length / 2));
  const across = reach(box.x, box.width, layer.left, layer.width);
  const down = reach(box.y, box.height, layer.top, layer.height);
  const frame = {
    left: box.x - across,
    top: box.y - down,
    width: box.width + 2 * across,
    height: box.height + 2 * down,
  };
  return { ...framed(layer, frame), format: "rgba" };
}

/** Positions from the box's top left. */
async function drawInBox(layer: FilmLayer, { fonts, openAsset }: Deps): Promise<Placed | undefined> {
  const { box } = layer;
  switch (layer.kind) {
    case "text": {
      const text = setText(layer.text, layer, box, fonts);
      return await rasterised(letters(text, layer.colour), areaOfLetters(text));
    }
    case "shape":
      return await rasterised(roundedRectangle(box, layer.radius, layer.fill), { left: 0, top: 0, ...sizeOf(box) });
    case "button": {
      const inset = Math.min(box.height * BUTTON_INSET, box.width / 4);
      const text = setText(layer.text, layer, { width: box.width - 2 * inset, height: box.height }, fonts);
      const label = `<g transform="translate(${inset} 0)">${letters(text, layer.colour)}</g>`;
      const area = { left: 0, top: 0, ...sizeOf(box) };
      return await rasterised(roundedRectangle(box, layer.radius, layer.fill) + label, area);
    }
    case "image": {
      const image = await openAsset(layer.asset, (source) => fittedImage(source, box, layer.fit));
      if (image === undefined || layer.radius === 0) return image;
      const inFrame = framed(image, { left: 0, top: 0, ...sizeOf(box) });
      roundCorners(inFrame, layer.radius);
      return inFrame;
    }
  }
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });
