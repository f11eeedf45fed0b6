import type { Placed } from "../pictures/canvas.ts";
import { sharp } from "../pictures/vips.ts";
import type { SetText } from "../text/set-text.ts";

/**
 * Draws SVG elements; their coordinates are those of the area. Nothing may stand in them but numbers, colours and the fonts'
 * outlines: a text's characters never do.
 */
export async function rasterised(elements: string, area: Area): Promise<Placed> {
  const { left, top, width, height } = area;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">${elements}</svg>`;
  const pixels = await sharp(Buffer.from(svg), { limitInputPixels: false }).ensureAlpha().raw().toBuffer();
  return { ...area, pixels, format: "rgba" };
}

export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A rectangle with round corners, as CSS's `border-radius` rounds them. */
export function roundedRectangle(
  { width, height }: { width: number; height: number },
  radius: number,
  fill: string,
): string {
  const round = Math.min(radius, width / 2, height / 2);
  return `<rect width="${width}" height="${height}" rx="${round}" fill="${fill}"/>`;
}

/** The letters of a text. */
export function letters({ size, lines }: SetText, colour: string): string {
  const paths: string[] = [];
  for (const { typeface, glyph, x, y } of lines.flatMap((line) => line.glyphs)) {
    for (const { path, unitsPerEm, fill, opacity } of typeface.shapes(glyph)) {
      const scale = size / unitsPerEm;
      const at = `matrix(${scale} 0 0 ${-scale} ${x.toFixed(3)} ${y.toFixed(3)})`;
      const faint = opacity === 1 ? "" : ` fill-opacity="${opacity.toFixed(3)}"`;
      paths.push(`<path transform="${at}" fill="${fill ?? colour}"${faint} d="${path}"/>`);
    }
  }
  return paths.join("");
}

/** What a text may cover: letters reach beyond their lines, and accents beyond those. */
export function areaOfLetters({ size, lines }: SetText): Area {
  const reach = Math.ceil(size);
  const left = Math.floor(Math.min(...lines.map((line) => line.left))) - reach;
  const right = Math.ceil(Math.max(...lines.map((line) => line.left + line.width))) + reach;
  const top = Math.floor(lines[0]!.baseline - size) - reach;
  const bottom = Math.ceil(lines.at(-1)!.baseline) + reach;
  return { left, top, width: right - left, height: bottom - top };
}
