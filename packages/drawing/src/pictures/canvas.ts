import type { Picture } from "../drawing.ts";

/** Where something lies on a canvas. Whole pixels. */
export interface Placed extends Picture {
  left: number;
  top: number;
}

/** A canvas of one colour. */
export function canvasOf(width: number, height: number, colour: string): Picture {
  const pixels = Buffer.alloc(width * height * 3, Buffer.from(colour.slice(1), "hex"));
  return { pixels, format: "rgb", width, height };
}

/**
 * Puts a picture over an `rgb` canvas, which is changed; what lies outside is left out, and what lies left of `coveredPx`.
 * `opacity`: 0 to 1.
 */
export function paintOver(
  canvas: Picture,
  { pixels, format, width, height, left, top }: Placed,
  opacity = 1,
  coveredPx = 0,
): void {
  const from = { x: Math.max(0, coveredPx - left), y: Math.max(0, -top) };
  const until = { x: Math.min(width, canvas.width - left), y: Math.min(height, canvas.height - top) };
  const share = Math.round(opacity * 256);
  if (share <= 0 || from.x >= until.x) return;
  for (let y = from.y; y < until.y; y++) {
    const row = {
      first: y * width + from.x,
      count: until.x - from.x,
      target: ((y + top) * canvas.width + left + from.x) * 3,
    };
    if (format === "rgba") blendRow(canvas.pixels, pixels, row, share);
    else if (share === 256) pixels.copy(canvas.pixels, row.target, row.first * 3, (row.first + row.count) * 3);
    else fadeRow(canvas.pixels, pixels, row, share);
  }
}

/** A row's pixels: the first one's number in the picture, how many, and the first one's byte on the canvas. */
interface Row {
  first: number;
  count: number;
  target: number;
}

/** `share`: of opacity, 0 to 256. */
function blendRow(canvas: Buffer, pixels: Buffer, { first, count, target }: Row, share: number): void {
  for (let at = first * 4, to = target, end = (first + count) * 4; at < end; at += 4, to += 3) {
    const alpha = (pixels[at + 3]! * share) >> 8;
    if (alpha === 0) continue;
    if (alpha === 255) {
      canvas[to] = pixels[at]!;
      canvas[to + 1] = pixels[at + 1]!;
      canvas[to + 2] = pixels[at + 2]!;
      continue;
    }
    canvas[to] = between(canvas[to]!, pixels[at]!, alpha);
    canvas[to + 1] = between(canvas[to + 1]!, pixels[at + 1]!, alpha);
    canvas[to + 2] = between(canvas[to + 2]!, pixels[at + 2]!, alpha);
  }
}

function fadeRow(canvas: Buffer, pixels: Buffer, { first, count, target }: Row, share: number): void {
  const alpha = (255 * share) >> 8;
  for (let i = 0; i < count * 3; i++) {
    canvas[target + i] = between(canvas[target + i]!, pixels[first * 3 + i]!, alpha);
  }
}

/** The nearest whole number, exact at both ends: x / 255 is (x + 1 + (x >> 8)) >> 8 for all x up to 65,025. */
function between(below: number, above: number, alpha: number): number {
  const sum = below * (255 - alpha) + above * alpha + 127;
  return (sum + 1 + (sum >> 8)) >> 8;
}

/** The part of a picture that is not wholly transparent; undefined where nothing is. */
export function trimmed({ pixels, width, height, left, top, format }: Placed): Placed | undefined {
  const isBlank = (x: number, y: number) => pixels[(y * width + x) * 4 + 3] === 0;
  const isBlankRow = (y: number) => {
    for (let x = 0; x < width; x++) if (!isBlank(x, y)) return false;
    return true;
  };
  let [first, last] = [0, height - 1];
  while (first <= last && isBlankRow(first)) first++;
  if (first > last) return undefined;
  while (isBlankRow(last)) last--;
  const isBlankColumn = (x: number) => {
    for (let y = first; y <= last; y++) if (!isBlank(x, y)) return false;
    return true;
  };
  let [begin, end] = [0, width - 1];
  while (isBlankColumn(begin)) begin++;
  while (isBlankColumn(end)) end--;
  const [keptWidth, keptHeight] = [end - begin + 1, last - first + 1];
  const kept = Buffer.allocUnsafe(keptWidth * keptHeight * 4);
  for (let y = 0; y < keptHeight; y++) {
    const source = ((first + y) * width + begin) * 4;
    pixels.copy(kept, y * keptWidth * 4, source, source + keptWidth * 4);
  }
  return { pixels: kept, format, width: keptWidth, height: keptHeight, left: left + begin, top: top + first };
}

/** The picture in a frame of its own, transparent around it. */
export function framed(picture: Placed, frame: { left: number; top: number; width: number; height: number }): Placed {
  const pixels = Buffer.alloc(frame.width * frame.height * 4);
  for (let y = 0; y < picture.height; y++) {
    const source = y * picture.width * 4;
    const target = ((picture.top - frame.top + y) * frame.width + picture.left - frame.left) * 4;
    picture.pixels.copy(pixels, target, source, source + picture.width * 4);
  }
  return { ...frame, pixels, format: "rgba" };
}

/** Makes a picture's corners round, as CSS's `border-radius`: the pixels on the edge in part. Changes the picture. */
export function roundCorners({ pixels, width, height }: Picture, radius: number): void {
  const round = Math.min(radius, width / 2, height / 2);
  const side = Math.ceil(round);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const share = Math.min(1, Math.max(0, round - Math.hypot(round - x - 0.5, round - y - 0.5) + 0.5));
      if (share === 1) continue;
      for (const [px, py] of [
        [x, y],
        [width - 1 - x, y],
        [x, height - 1 - y],
        [width - 1 - x, height - 1 - y],
      ] as const) {
        const at = (py * width + px) * 4 + 3;
        pixels[at] = Math.round(pixels[at]! * share);
      }
    }
  }
}
