import type { Box } from "@inlet/storyboard/film";
import type { Placed } from "../pictures/canvas.ts";
import { sharp } from "../pictures/vips.ts";

/** More than any asset has that was made anew; what claims more is not opened. */
const MAX_PIXELS = 50_000_000;

/** An image in its box, from the box's top left, as CSS's `object-fit` places it. */
export async function fittedImage(
  source: Buffer,
  { width, height }: Pick<Box, "width" | "height">,
  fit: "contain" | "cover",
): Promise<Placed> {
  const { data, info } = await sharp(source, { limitInputPixels: MAX_PIXELS, pages: 1 })
    .resize({ width, height, fit: fit === "cover" ? "cover" : "inside" })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: data,
    format: "rgba",
    width: info.width,
    height: info.height,
    left: Math.round((width - info.width) / 2),
    top: Math.round((height - info.height) / 2),
  };
}
