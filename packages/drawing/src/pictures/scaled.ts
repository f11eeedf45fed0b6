import type { Placed } from "./canvas.ts";
import { sharp } from "./vips.ts";

/** A picture larger or smaller, its middle where it was. */
export async function scaledAboutMiddle(picture: Placed, scale: number): Promise<Placed> {
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const channels = picture.format === "rgba" ? 4 : 3;
  const pixels = await sharp(picture.pixels, { raw: { width: picture.width, height: picture.height, channels } })
    .resize({ width, height, fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  const left = Math.round(picture.left + (picture.width - width) / 2);
  const top = Math.round(picture.top + (picture.height - height) / 2);
  return { ...picture, pixels, width, height, left, top };
}
